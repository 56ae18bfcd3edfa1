/** Datagram in, datagrams out: one BMC's RMCP+ responder. It touches no socket, and nothing that arrives makes it throw. */
import type { Bmc } from "../bmc/bmc.js";
import type { Timers } from "../bmc/timers.js";
import type { Machine } from "../machine/machine.js";
import { decodePresencePing, encodePresencePong } from "../rmcp/asf.js";
import { authType, decodeIpmi15Wrapper, encodeIpmi15Wrapper, type Ipmi15Packet } from "../rmcp/ipmi15Wrapper.js";
import { decodeRmcpPacket, encodeRmcpAcknowledgement, rmcpClass } from "../rmcp/rmcpHeader.js";
import {
  decodeRmcpPlusWrapper,
  encodeRmcpPlusWrapper,
  payloadType,
  type RmcpPlusPacket,
} from "../rmcp/rmcpPlusWrapper.js";
import { MalformedPacketError } from "../wire/malformedPacketError.js";
import { isCloseSession } from "./commands/session/closeSession.js";
import { createAnswerer, decodeBmcRequest, encodeNodeBusy, type Origin } from "./answerer.js";
import type { Command, SessionDirectory } from "./command.js";
import type { Log } from "./log.js";
import type { AbandonedLogin, SeenCommand } from "./observer.js";
import { createHandshake } from "./session/handshake.js";
import { createIpmi15Handshake, isAuthentic, sealIpmi15Message } from "./session/ipmi15Handshake.js";
import { createLoginFailures, type LoginFailure } from "./session/loginFailures.js";
import type { ActiveSession, Ipmi15State, Remote, Session } from "./session/session.js";
import { openPayload, sealMessage } from "./session/sessionPayload.js";
import { createSessionTable } from "./session/sessionTable.js";

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
  /** Told of each log-in that fails. */
  readonly onLoginFailed?: (failure: LoginFailure) => void;
  /** Told of each log-in whose console went away when it was its turn. */
  readonly onLoginAbandoned?: (login: AbandonedLogin) => void;
  /** Told of each command that was answered. */
  readonly onCommand?: (command: SeenCommand) => void;
  /** Lets log-ins be found abandoned in time; without it the next packet does. */
  readonly after?: Timers["after"];
}

/** IPMI 1.5 has one byte for the length of the message, RMCP+ two. */
const maximumIpmi15Message = 0xff;
const maximumRmcpPlusMessage = 0xff00;

/** An acknowledgement is of no class here, so that two parties never acknowledge each other's for ever. */
const knownClasses: readonly number[] = Object.values(rmcpClass);

type Reply = (datagram: Buffer) => void;

export interface Responder {
  /**
   * `reply` is called at most once with an answer, at once or later, also after the session ended; and at once with an
   * RMCP acknowledgement where the packet asks for one.
   */
  readonly receive: (datagram: Buffer, remote: Remote, reply: Reply) => void;
  /** How many sessions are open now. */
  readonly openSessions: () => number;
}

export function createResponder(options: ResponderOptions): Responder {
  const { now, log } = options;
  const sessions = createSessionTable({ ...options, onAbandoned: ({ state, remote }) => abandoned(state, remote) });
  const loginFailures = createLoginFailures(options);
  const handshake = createHandshake({ ...options, sessions, loginFailures });
  const ipmi15Handshake = createIpmi15Handshake({ ...options, sessions, loginFailures });
  const directory: SessionDirectory = {
    active: () => sessions.open().map(({ active, remote }) => ({ ...active, remote })),
    capacity: sessions.capacity,
    close: sessions.close,
    dismiss: sessions.dismiss,
    dismissAll: sessions.dismissAll,
  };
  const answer = createAnswerer({ ...options, sessions: directory, ipmi15Handshake });

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
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log("error", "a datagram failed in a way that was not foreseen", { source: remote.address, reason });
        return;
      }
      log("debug", "datagram dropped", { source: remote.address, reason: error.message });
    }
  }

  /** A console that finds the password wrong by RAKP Message 2 need not say so. */
  function abandoned(state: Session["state"], { address }: Remote): void {
    if (state.protocol === "rmcpPlus" && state.keyExchange) {
      options.onLoginAbandoned?.({ source: address, user: state.keyExchange.user.name });
    }
  }

  function receiveIpmi(body: Buffer, remote: Remote, reply: Reply): void {
    if (body[0] === authType.rmcpPlus) {
      receiveRmcpPlus(decodeRmcpPlusWrapper(body), remote, reply);
      return;
    }
    receiveIpmi15(decodeIpmi15Wrapper(body), remote, reply);
  }

  function receiveIpmi15(packet: Ipmi15Packet, remote: Remote, reply: Reply): void {
    if (packet.sessionId === 0) {
      if (packet.authType !== authType.none) {
        throw new MalformedPacketError("authenticated packet outside a session");
      }
      const respond = (message: Buffer): void => reply(encodeIpmi15Wrapper({ ...packet, payload: message }));
      answer(decodeBmcRequest(packet.payload), { remote, maximumLength: maximumIpmi15Message }, respond);
      return;
    }
    const session = sessions.find(packet.sessionId);
    if (session?.state.protocol !== "ipmi15") {
      throw new MalformedPacketError("packet names no open session");
    }
    const { state } = session;
    if (!isAuthentic(packet, state)) {
      if (!session.active) {
        ipmi15Handshake.refuse(session, state, remote);
      }
      throw new MalformedPacketError("packet has a wrong AuthCode");
    }
    const seal = (message: Buffer): Buffer => sealIpmi15Message(message, session.id, state);
    if (packet.sequence === 0) {
      receiveActivation(packet, session, state, remote, reply, seal);
      return;
    }
    if (!session.active?.inbound.accept(packet.sequence)) {
      throw new MalformedPacketError(
        `session sequence number ${packet.sequence} was seen already or is out of the window`,
      );
    }
    state.activated = undefined;
    const origin = { remote, session: session.active, maximumLength: maximumIpmi15Message };
    receiveMessage(packet.payload, session, session.active, origin, (message) => reply(seal(message)));
  }

  /** Activate Session, the only command under a temporary session ID: its number is 0 (§6.12.12). */
  function receiveActivation(
    packet: Ipmi15Packet,
    session: Session,
    state: Ipmi15State,
    remote: Remote,
    reply: Reply,
    seal: (message: Buffer) => Buffer,
  ): void {
    if (state.activated?.request.equals(packet.payload)) {
      reply(state.activated.reply);
      return;
    }
    if (session.active) {
      throw new MalformedPacketError("session sequence number 0 in a session that is active");
    }
    const origin = { remote, temporary: session, maximumLength: maximumIpmi15Message };
    answer(decodeBmcRequest(packet.payload), origin, (message) => {
      const datagram = seal(message);
      state.activated = { request: Buffer.from(packet.payload), reply: datagram };
      reply(datagram);
    });
  }

  function receiveRmcpPlus(packet: RmcpPlusPacket, remote: Remote, reply: Reply): void {
    if (packet.sessionId !== 0) {
      receiveInSession(packet, remote, reply);
      return;
    }
    if (packet.encrypted || packet.authenticated) {
      throw new MalformedPacketError("protected packet outside a session");
    }
    switch (packet.payloadType) {
      case payloadType.openSessionRequest:
        answerHandshake(packet, payloadType.openSessionResponse, handshake.openSession, remote, reply);
        break;
      case payloadType.rakp1:
        answerHandshake(packet, payloadType.rakp2, handshake.rakp1, remote, reply);
        break;
      case payloadType.rakp3:
        answerHandshake(packet, payloadType.rakp4, handshake.rakp3, remote, reply);
        break;
      case payloadType.ipmi:
        answer(decodeBmcRequest(packet.payload), { remote, maximumLength: maximumRmcpPlusMessage }, (message) => {
          reply(
            encodeRmcpPlusWrapper(
              { payloadType: payloadType.ipmi, encrypted: false, sessionId: 0, sequence: 0 },
              message,
            ),
          );
        });
        break;
      default:
        throw new MalformedPacketError(`payload type ${packet.payloadType} is not known`);
    }
  }

  function answerHandshake(
    packet: RmcpPlusPacket,
    replyType: number,
    step: (payload: Buffer, remote: Remote) => Buffer | undefined,
    remote: Remote,
    reply: Reply,
  ): void {
    const payload = step(packet.payload, remote);
    if (payload) {
      reply(encodeRmcpPlusWrapper({ payloadType: replyType, encrypted: false, sessionId: 0, sequence: 0 }, payload));
    }
  }

  function receiveInSession(packet: RmcpPlusPacket, remote: Remote, reply: Reply): void {
    const session = sessions.find(packet.sessionId);
    if (!session?.active || session.state.protocol !== "rmcpPlus" || !session.state.protection) {
      throw new MalformedPacketError("packet names no open session");
    }
    if (packet.payloadType !== payloadType.ipmi) {
      throw new MalformedPacketError(`payload type ${packet.payloadType} is not known inside a session`);
    }
    const { state, active } = session;
    const { protection } = session.state;
    const message = openPayload(packet, protection, active.inbound);
    state.rakp3 = undefined;
    const origin = { remote, session: active, maximumLength: maximumRmcpPlusMessage };
    receiveMessage(message, session, active, origin, (response) => reply(sealMessage(response, state, protection)));
  }

  /** A message that is known to be the session's own. */
  function receiveMessage(
    message: Buffer,
    session: Session,
    active: ActiveSession,
    origin: Origin,
    send: (response: Buffer) => void,
  ): void {
    // The keys say whose packet it is: a console behind a changing address translation is followed (§13.6).
    session.remote = origin.remote;
    sessions.touch(session);
    const earlier = active.replies.lookUp(message, now());
    if (earlier === "pending") {
      return;
    }
    if (earlier) {
      send(earlier);
      return;
    }
    const request = decodeBmcRequest(message);
    if (session.dismissedUntil !== undefined && !isCloseSession(request)) {
      throw new MalformedPacketError("the session has been ended by the BMC");
    }
    const remember = active.replies.begin(message);
    if (!remember) {
      send(encodeNodeBusy(request));
      return;
    }
    answer(request, origin, (response) => {
      remember(response, now());
      send(response);
    });
  }

  return { receive, openSessions: () => sessions.open().length };
}
