/** One IPMI command: numbers, name, section, privilege, codec and behaviour in one row of the command table. */
import type { Log } from "../../base/log.js";
import type { Bmc } from "../../model/bmc/bmc.js";
import type { Machine } from "../../model/machine/machine.js";
import { CompletionError } from "./completionCode.js";
import type { Privilege } from "./privilege.js";
import { requireDataLength } from "./requestData.js";

/** The session a request came in, as commands see it; undefined for session-less requests. */
export interface CommandSession {
  /** Managed system session ID. */
  readonly id: number;
  /** Session handle, 1-255 (§22.20). */
  readonly handle: number;
  readonly protocol: "rmcpPlus" | "ipmi15";
  readonly userId: number;
  readonly userName: string;
  /** Operating privilege; Set Session Privilege changes it. */
  privilege: Privilege;
  /** Highest privilege this session may ask for: the least of requested, user and channel limits. */
  readonly maximumPrivilege: Privilege;
}

/** The sessions of the BMC, as Get Session Info and Close Session need them. */
export interface SessionDirectory {
  /** Sessions that are open, each with the address it speaks from. */
  readonly active: () => readonly (CommandSession & { readonly remote: { address: string; port: number } })[];
  readonly capacity: number;
  /** Ends the session; the session of the request itself ends behind its reply. */
  readonly close: (id: number) => void;
  /** The same without the client's wish: it may still close the session that it believes to have. */
  readonly dismiss: (id: number) => void;
  readonly dismissAll: () => void;
}

/** The login of IPMI 1.5, as its two commands need it; both throw CompletionError. */
export interface Ipmi15Login {
  readonly challenge: (
    authType: number,
    name: Buffer,
  ) => { readonly temporarySessionId: number; readonly challenge: Buffer };
  /** Only for a request that came in under a temporary session ID. */
  readonly activate: (request: {
    readonly authType: number;
    readonly maximumPrivilege: number;
    readonly challenge: Buffer;
    readonly initialOutboundSequence: number;
  }) => {
    readonly authType: number;
    readonly sessionId: number;
    readonly initialInboundSequence: number;
    readonly maximumPrivilege: number;
  };
}

export interface CommandContext {
  readonly bmc: Bmc;
  readonly machine: Machine;
  readonly session: CommandSession | undefined;
  readonly sessions: SessionDirectory;
  readonly ipmi15Login: Ipmi15Login;
  /** The whole command table. */
  readonly commands: readonly Command[];
  readonly hasCommand: (netFn: number, command: number) => boolean;
  /** Where the request came from. */
  readonly remote: { readonly address: string; readonly port: number };
  /** Milliseconds since the epoch, from the injected clock. */
  readonly now: number;
  readonly log: Log;
}

/** A row of the command table with its codec closed over. */
export interface Command {
  readonly netFn: number;
  readonly command: number;
  /** Name as IPMI 2.0 Appendix G spells it. */
  readonly name: string;
  /** Section of IPMI 2.0 rev 1.1 (or `DCMI 1.5 §6.1`). */
  readonly section: string;
  /** Minimum privilege (Appendix G). */
  readonly privilege: Privilege;
  /** What a request asks to be changed, for people: `power on`; undefined for nothing that matters to them. */
  readonly describe?: (data: Buffer) => string | undefined;
  /** Version of ours that brought it; absent: 0.1.0, the first one. */
  readonly since?: string;
  /** For group extensions: the body code that the first data byte must hold and the response repeats. */
  readonly group?: number;
  /** Response data after the completion code. Throws CompletionError, or MachineError from the machine. */
  readonly execute: (data: Buffer, context: CommandContext) => Buffer | Promise<Buffer>;
}

/**
 * The parts of a row. Without `decode` a request must have no data, without `encode` the response has none, and without
 * `run` nothing happens: all three must be there where there is something to decode or to encode.
 */
export type CommandDefinition<Request, Response> = CommandParts<Request, Response> &
  ([Request] extends [Empty] ? unknown : Required<Pick<CommandParts<Request, Response>, "decode">>) &
  ([Response] extends [Empty] ? unknown : Required<Pick<CommandParts<Request, Response>, "run" | "encode">>);

/** No data: also of a function that returns nothing. */
type Empty = undefined | ReturnType<() => void>;

interface CommandParts<Request, Response> extends Omit<Command, "execute" | "describe"> {
  readonly describe?: (request: Request) => string | undefined;
  /**
   * Without the body code of a group extension. Throws CompletionError C7h for a wrong length, CCh for a field out of
   * range.
   */
  readonly decode?: (data: Buffer) => Request;
  readonly run?: (request: Request, context: CommandContext) => Response | Promise<Response>;
  /** Without the body code. */
  readonly encode?: (response: Response) => Buffer;
}

/** Makes a table row of a command's parts. */
export function defineCommand<Request = undefined, Response = undefined>(
  definition: CommandDefinition<Request, Response>,
): Command {
  const parts: CommandParts<Request, Response> = definition;
  const { decode = decodeNothing, run = doNothing, encode = encodeNothing, describe, ...row } = parts as AnyParts;
  const { group } = row;
  const bodyOf = (data: Buffer): Buffer => (group === undefined ? data : data.subarray(1));
  const encodeWhole = group === undefined ? encode : (response: unknown) => inGroup(group, encode(response));
  return {
    ...row,
    ...(describe && { describe: (data) => describeData(bodyOf(data), decode, describe) }),
    execute: (data, context) => {
      const response = run(decode(bodyOf(data)), context);
      return response instanceof Promise ? response.then(encodeWhole) : encodeWhole(response);
    },
  };
}

/** Inside a row the types of its parts are erased; the definition has checked that they fit. */
type AnyParts = CommandParts<unknown, unknown>;

/** The behaviour of a command that is always refused with this completion code. */
export function refuses(code: number, reason: string): () => never {
  return () => {
    throw new CompletionError(code, reason);
  };
}

const noData = Buffer.alloc(0);

function decodeNothing(data: Buffer): undefined {
  requireDataLength(data, 0);
}

function doNothing(): undefined {
  // The response says all there is.
}

function encodeNothing(): Buffer {
  return noData;
}

function inGroup(group: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([group]), data]);
}

/** Returns undefined for malformed request data. */
function describeData<Request>(
  data: Buffer,
  decode: (data: Buffer) => Request,
  describe: (request: Request) => string | undefined,
): string | undefined {
  try {
    return describe(decode(data));
  } catch {
    return undefined;
  }
}
