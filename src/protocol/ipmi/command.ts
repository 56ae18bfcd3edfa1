/** One IPMI command: numbers, name, section, privilege, codec and behaviour in one row of the command table. */
import { defined } from "../../base/defined.js";
import type { Log } from "../../base/log.js";
import type { Bmc } from "../../model/bmc/bmc.js";
import type { Machine } from "../../model/machine/machine.js";
import { CompletionError } from "./completionCode.js";
import type { Privilege } from "./privilege.js";
import { requireDataLength } from "./requestData.js";
import type { SolPayload } from "./sol/solPayload.js";

/** The session of a request, as commands see it; undefined for session-less requests. */
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
  /** Highest privilege that this session may request: the lowest of the requested, user and channel limits. */
  readonly maximumPrivilege: Privilege;
}

/** The sessions of the BMC, as Get Session Info and Close Session need them. */
export interface SessionDirectory {
  /** Open sessions, each with the address of its console. */
  readonly active: () => readonly (CommandSession & { readonly remote: { address: string; port: number } })[];
  readonly capacity: number;
  /** Ends the session; if it is the session of the request, after the reply. */
  readonly close: (id: number) => void;
  /** Ends the session without the client's request: the client, unaware of that, may still send Close Session. */
  readonly dismiss: (id: number) => void;
  readonly dismissAll: () => void;
}

/** The IPMI 1.5 login, as its two commands need it; both throw CompletionError. */
export interface Ipmi15Login {
  readonly challenge: (
    authType: number,
    name: Buffer,
  ) => { readonly temporarySessionId: number; readonly challenge: Buffer };
  /** Only for a request with a temporary session ID. */
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
  readonly sol: SolPayload;
  readonly ipmi15Login: () => Ipmi15Login;
  /** The whole command table. */
  readonly commands: readonly Command[];
  readonly hasCommand: (netFn: number, command: number) => boolean;
  /** The source of the request. */
  readonly remote: { readonly address: string; readonly port: number };
  /** Milliseconds since the epoch, from the injected clock. */
  readonly now: number;
  readonly log: Log;
}

/** A row of the command table, with its codec built in. */
export interface Command {
  readonly netFn: number;
  readonly command: number;
  /** Name as in IPMI 2.0 Appendix G. */
  readonly name: string;
  /** Section of IPMI 2.0 rev 1.1 (or `DCMI 1.5 §6.1`). */
  readonly section: string;
  /** Minimum privilege (Appendix G). */
  readonly privilege: Privilege;
  /** What a request changes, in words: `power on`; undefined if it is not worth reporting. */
  readonly describe?: (data: Buffer) => string | undefined;
  /** Our first version with this command; absent: 0.1.0. */
  readonly since?: string;
  /** For group extensions: the defining body's code, which is the first byte of request and response data. */
  readonly group?: number;
  /** Response data after the completion code. Throws CompletionError, or MachineError from the machine. */
  readonly execute: (data: Buffer, context: CommandContext) => Buffer | Promise<Buffer>;
}

/**
 * The parts of a row. Without `decode` a request must have no data, without `encode` the response has none, and without
 * `run` nothing happens. Where there is data to decode or encode, all three are required.
 */
export type CommandDefinition<Request, Response> = CommandParts<Request, Response> &
  ([Request] extends [Empty] ? unknown : Required<Pick<CommandParts<Request, Response>, "decode">>) &
  ([Response] extends [Empty] ? unknown : Required<Pick<CommandParts<Request, Response>, "run" | "encode">>);

/** No data; also for functions that return nothing. */
type Empty = undefined | ReturnType<() => void>;

interface CommandParts<Request, Response> extends Omit<Command, "execute" | "describe"> {
  readonly describe?: (request: Request) => string | undefined;
  /**
   * Without the code of the defining body. Throws CompletionError C7h for a wrong length, CCh for a field out of range.
   */
  readonly decode?: (data: Buffer) => Request;
  readonly run?: (request: Request, context: CommandContext) => Response | Promise<Response>;
  /** Without the code of the defining body. */
  readonly encode?: (response: Response) => Buffer;
}

/** Builds a table row from a command's parts. */
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
    ...defined({ describe: describe && ((data: Buffer) => describeData(bodyOf(data), decode, describe)) }),
    execute: (data, context) => {
      const response = run(decode(bodyOf(data)), context);
      return response instanceof Promise ? response.then(encodeWhole) : encodeWhole(response);
    },
  };
}

/** Inside a row the types of its parts are erased; `defineCommand` has checked that they match. */
type AnyParts = CommandParts<unknown, unknown>;

/** A `run` that always refuses the command with this completion code. */
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
  // The response has no error text: the completion code is enough.
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
