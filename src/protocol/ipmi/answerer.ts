/** Dispatches a request, reports it to the observer and encodes its response. */
import { traceOf } from "../../base/errors.js";
import type { Log, LogLevel } from "../../base/log.js";
import type { Bmc } from "../../model/bmc/bmc.js";
import type { Machine } from "../../model/machine/machine.js";
import { bmcAddress, decodeLanRequest, encodeLanResponse, type LanRequest } from "../rmcp/lanMessage.js";
import { MalformedPacketError } from "../rmcp/malformedPacketError.js";
import type { Command, CommandContext, CommandSession, SessionDirectory } from "./command.js";
import { completionCode } from "./completionCode.js";
import { type Completion, createDispatcher } from "./dispatch.js";
import { isResponse } from "./netFn.js";
import type { SeenCommand } from "./observer.js";
import { privilege } from "./privilege.js";
import type { Ipmi15Handshake } from "./session/ipmi15Handshake.js";
import type { Remote, Session } from "./session/session.js";
import type { SolPayload } from "./sol/solPayload.js";

export interface AnswererOptions {
  readonly bmc: Bmc;
  readonly machine: Machine;
  readonly commands: readonly Command[];
  readonly sessions: SessionDirectory;
  readonly sol: SolPayload;
  readonly ipmi15Handshake: Ipmi15Handshake;
  readonly now: () => number;
  readonly log: Log;
  /** Whether records of a level are of use; default: all are. */
  readonly isLogged?: ((level: LogLevel) => boolean) | undefined;
  readonly onCommand?: ((command: SeenCommand) => void) | undefined;
}

/** The source and the session of a request. */
export interface Origin {
  readonly remote: Remote;
  readonly session?: CommandSession;
  /** A session of IPMI 1.5 that is not active yet. */
  readonly temporary?: Session;
  /** Maximum size of the response, bytes: what its packet can carry. */
  readonly maxLength: number;
}

/** Calls `respond` once, immediately or later, even if the session has ended meanwhile. */
export type Answerer = (request: LanRequest, origin: Origin, respond: (message: Buffer) => void) => void;

const noData = Buffer.alloc(0);

/** Throws MalformedPacketError for anything but a request to the BMC. */
export function decodeBmcRequest(message: Buffer): LanRequest {
  const request = decodeLanRequest(message);
  // Never answer a response: a forged packet could start an endless exchange between two BMCs.
  if (isResponse(request.netFn) || request.rsAddr !== bmcAddress) {
    throw new MalformedPacketError("the IPMI LAN message is not a request to this BMC");
  }
  return request;
}

/** The response to a request that cannot be accepted now. */
export function encodeNodeBusy(request: LanRequest): Buffer {
  return encodeLanResponse(request, completionCode.nodeBusy, noData);
}

export function createAnswerer(options: AnswererOptions): Answerer {
  const { bmc, machine, sessions, sol, ipmi15Handshake, now, log, isLogged = () => true, onCommand } = options;
  const dispatcher = createDispatcher(options.commands);
  const hasCommand: CommandContext["hasCommand"] = (netFn, command) =>
    dispatcher.find({ netFn, command }) !== undefined;

  function answer(request: LanRequest, origin: Origin, respond: (message: Buffer) => void): void {
    const { remote, session, temporary } = origin;
    const context: CommandContext = {
      bmc,
      machine,
      session,
      sessions,
      sol,
      commands: options.commands,
      hasCommand,
      ipmi15Login: () => ipmi15Handshake.loginFor(remote, temporary),
      remote,
      now: now(),
      log,
    };
    const finish = (completion: Completion): void => {
      record(request, context, completion);
      respond(encodeWithin(origin.maxLength, request, completion));
    };
    const completion = dispatcher.dispatch(request, context);
    if (completion instanceof Promise) {
      completion.then(finish).catch((error: unknown) => {
        const reason = traceOf(error);
        log("error", "unexpected error while sending a response", { source: remote.address, reason });
      });
    } else {
      finish(completion);
    }
  }

  /** Reports a command if it changes something or failed in the machine: those are the ones the owner cares about. */
  function record(
    request: LanRequest,
    { session, remote, now: startedAt }: CommandContext,
    completion: Completion,
  ): void {
    const command = dispatcher.find(request);
    const ms = now() - startedAt;
    // A request without a session changes nothing, and strangers could flood the log with failures.
    const change = session && command && changeOf(command, request.data);
    onCommand?.({
      name: command?.name,
      completionCode: completion.code,
      ms,
      source: remote.address,
      user: session?.userName,
      change,
      reason: completion.reason,
    });
    const isOfInterest = command !== undefined && command.privilege >= privilege.operator;
    const failed = completion.code !== completionCode.ok && completion.reason !== undefined;
    const level = session && (isOfInterest || failed) ? "info" : "debug";
    if (!isLogged(level)) {
      return;
    }
    log(level, command?.name ?? "unknown command", {
      source: remote.address,
      session: session?.id,
      user: session?.userName,
      change,
      netFn: request.netFn,
      command: request.command,
      completionCode: completion.code,
      ms,
      reason: completion.reason,
    });
  }

  return answer;
}

/** A response that does not fit its packet becomes CAh (IPMI 2.0 table 5-2), so that the console requests less. */
function encodeWithin(maxLength: number, request: LanRequest, { code, data }: Completion): Buffer {
  const response = encodeLanResponse(request, code, data);
  return response.length <= maxLength
    ? response
    : encodeLanResponse(request, completionCode.cannotReturnRequestedBytes, noData);
}

/** What a command changes; undefined if it only reads: Appendix G names those Get, Read or Reserve. */
function changeOf(command: Command, data: Buffer): string | undefined {
  if (command.privilege < privilege.operator || /^(Get|Read|Reserve)\b/.test(command.name)) {
    return undefined;
  }
  return command.describe ? command.describe(data) : command.name;
}
