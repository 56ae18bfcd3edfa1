/** Datagram in, datagrams out: the RMCP+ responder of one BMC. It does no I/O, and never throws, whatever arrives. */
import { traceOf } from "../../base/errors.js";
import type { Log, LogLevel } from "../../base/log.js";
import type { Bmc } from "../../model/bmc/bmc.js";
import type { Timers } from "../../model/bmc/timers.js";
import { createLoginFailures, type LoginFailure } from "../../model/bmc/users/loginFailures.js";
import type { Machine } from "../../model/machine/machine.js";
import { decodePresencePing, encodePresencePong } from "../rmcp/asf.js";
import { authType, decodeIpmi15Wrapper } from "../rmcp/ipmi15Wrapper.js";
import { MalformedPacketError } from "../rmcp/malformedPacketError.js";
import { decodeRmcpPacket, encodeRmcpAcknowledgement, rmcpClass } from "../rmcp/rmcpHeader.js";
import { decodeRmcpPlusWrapper } from "../rmcp/rmcpPlusWrapper.js";
import { createAnswerer } from "./answerer.js";
import type { Command, SessionDirectory } from "./command.js";
import { createIpmi15Channel } from "./ipmi15Channel.js";
import type { AbandonedLogin, SeenCommand } from "./observer.js";
import { createRmcpPlusChannel } from "./rmcpPlusChannel.js";
import { createHandshake } from "./session/handshake.js";
import { createIpmi15Handshake } from "./session/ipmi15Handshake.js";
import type { Remote, Reply, Session } from "./session/session.js";
import { createSessionTable } from "./session/sessionTable.js";
import { createSolPayload } from "./sol/solPayload.js";

export interface ResponderOptions {
  readonly bmc: Bmc;
  readonly machine: Machine;
  readonly commands: readonly Command[];
  readonly sessionTimeoutMs: number;
  readonly maxSessions: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly randomBytes: (size: number) => Buffer;
  readonly log: Log;
  /** Whether records of a level are of use; default: all are. */
  readonly isLogged?: (level: LogLevel) => boolean;
  /** Called for each failed login. */
  readonly onLoginFailed?: (failure: LoginFailure) => void;
  /** Called when a console abandons its login. */
  readonly onLoginAbandoned?: (login: AbandonedLogin) => void;
  /** Called for each answered command. */
  readonly onCommand?: (command: SeenCommand) => void;
  readonly after: Timers["after"];
}

/**
 * Acknowledgements have none of these classes: two parties must not acknowledge each other's acknowledgements forever.
 */
const knownClasses: readonly number[] = Object.values(rmcpClass);

export interface Responder {
  /**
   * `reply` is called at most once with an answer, immediately or later, even after the session ended; and immediately
   * with an RMCP acknowledgement if the packet requests one.
   */
  readonly receive: (datagram: Buffer, remote: Remote, reply: Reply) => void;
  /** Number of open sessions. */
  readonly openSessions: () => number;
  /** Notifies remote consoles that the BMC closes; call it before the socket is closed. */
  readonly close: () => void;
}

export function createResponder(options: ResponderOptions): Responder {
  const { now, after, log } = options;
  // What is spread stands last: V8 then shares the objects' shapes between BMCs, of which a process may have hundreds.
  const sessions = createSessionTable({ onAbandoned: ({ state, remote }) => abandoned(state, remote), ...options });
  options.bmc.onColdReset(sessions.dismissAll);
  const loginFailures = createLoginFailures(options);
  const handshake = createHandshake({ sessions, loginFailures, ...options });
  const ipmi15Handshake = createIpmi15Handshake({ sessions, loginFailures, ...options });
  const directory: SessionDirectory = {
    active: () => sessions.open().map(({ active, remote }) => ({ ...active, remote })),
    capacity: sessions.capacity,
    close: sessions.close,
    dismiss: sessions.dismiss,
    dismissAll: sessions.dismissAll,
  };
  const sol = createSolPayload({ bmc: options.bmc, sessions, timers: { now, after }, log });
  const answer = createAnswerer({ sessions: directory, sol, ipmi15Handshake, ...options });
  const services = { sessions, answer, sol, now };
  const receiveIpmi15 = createIpmi15Channel({ handshake: ipmi15Handshake, ...services });
  const receiveRmcpPlus = createRmcpPlusChannel({ handshake, ...services });

  function receive(datagram: Buffer, remote: Remote, reply: Reply): void {
    try {
      const packet = decodeRmcpPacket(datagram);
      options.bmc.lanStatistics.rmcpReceived++;
      if (packet.wantsAcknowledgement && knownClasses.includes(packet.class)) {
        reply(encodeRmcpAcknowledgement(datagram));
      }
      if (packet.class === rmcpClass.ipmi) {
        receiveIpmi(packet.body, remote, reply);
      } else if (packet.class === rmcpClass.asf) {
        const ping = decodePresencePing(packet.body);
        if (ping) {
          reply(encodePresencePong(ping));
        }
      }
    } catch (error) {
      if (!(error instanceof MalformedPacketError)) {
        const reason = traceOf(error);
        log("error", "unexpected error while handling a datagram", { source: remote.address, reason });
        return;
      }
      log("debug", "datagram dropped", { source: remote.address, reason: error.message });
    }
  }

  /** A console whose password does not match RAKP Message 2 need not report that. */
  function abandoned(state: Session["state"], { address }: Remote): void {
    if (state.protocol === "rmcpPlus" && state.keyExchange) {
      options.onLoginAbandoned?.({ source: address, user: state.keyExchange.user.name });
    }
  }

  function receiveIpmi(body: Buffer, remote: Remote, reply: Reply): void {
    if (body[0] === authType.rmcpPlus) {
      receiveRmcpPlus(decodeRmcpPlusWrapper(body), remote, reply);
    } else {
      receiveIpmi15(decodeIpmi15Wrapper(body), remote, reply);
    }
  }

  return { receive, openSessions: () => sessions.open().length, close: sol.close };
}
