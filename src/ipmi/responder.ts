/** Datagram in, datagrams out: one BMC's RMCP+ responder. It touches no socket, and nothing that arrives makes it throw. */
import type { Bmc } from "../bmc/bmc.js";
import type { Machine } from "../machine/machine.js";
import { decodePresencePing, encodePresencePong } from "../rmcp/asf.js";
import { authType, decodeIpmi15Wrapper, encodeIpmi15Wrapper, type Ipmi15Packet } from "../rmcp/ipmi15Wrapper.js";
import { decodeLanRequest, encodeLanResponse, type LanRequest } from "../rmcp/lanMessage.js";
import { decodeRmcpPacket, rmcpClass } from "../rmcp/rmcpHeader.js";
import {
  decodeRmcpPlusWrapper,
  encodeRmcpPlusWrapper,
  payloadType,
  type RmcpPlusPacket,
} from "../rmcp/rmcpPlusWrapper.js";
import { MalformedPacketError } from "../wire/malformedPacketError.js";
import type { Command, CommandContext, CommandSession, SessionDirectory } from "./command.js";
import { completionCode } from "./completionCode.js";
import { createDispatcher, type Completion } from "./dispatch.js";
import type { Log } from "./log.js";
import { privilege } from "./privilege.js";
import { createHandshake } from "./session/handshake.js";
import { createIpmi15Handshake, sealIpmi15Message, verifyIpmi15Packet } from "./session/ipmi15Handshake.js";
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
}

type Reply = (datagram: Buffer) => void;

/** Where a request came from, and as whose. */
interface Origin {
  readonly remote: Remote;
  readonly session?: CommandSession;
  /** A session of IPMI 1.5 that is not active yet. */
  readonly temporary?: Session;
}

export interface Responder {
  /** `reply` is called at most once, at once or later; it may be called after the session ended. */
  readonly receive: (datagram: Buffer, remote: Remote, reply: Reply) => void;
}

export function createResponder(options: ResponderOptions): Responder {
  const { bmc, machine, now, log } = options;
  const sessions = createSessionTable(options);
  const dispatcher = createDispatcher(options.commands);
  const handshake = createHandshake({ ...options, sessions });
  const ipmi15Handshake = createIpmi15Handshake({ ...options, sessions });
  const hasCommand: CommandContext["hasCommand"] = (netFn, command) =>
    dispatcher.find({ netFn, command }) !== undefined;
  const directory: SessionDirectory = {
    active: () => sessions.all().flatMap(({ active, remote }) => (active ? [{ ...active, remote }] : [])),
    capacity: sessions.capacity,
    close: sessions.close,
    closeAll: sessions.closeAll,
  };

  function receive(datagram: Buffer, remote: Remote, reply: Reply): void {
    try {
      const packet = decodeRmcpPacket(datagram);
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
      answer(packet.payload, { remote }, respond);
      return;
    }
    const session = sessions.find(packet.sessionId);
    if (session?.state.protocol !== "ipmi15") {
      throw new MalformedPacketError("packet names no open session");
    }
    const { state } = session;
    verifyIpmi15Packet(packet, state);
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
    receiveMessage(packet.payload, session, session.active, remote, (message) => reply(seal(message)));
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
    answer(packet.payload, { remote, temporary: session }, (message) => {
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
        answer(packet.payload, { remote }, (message) => {
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
    receiveMessage(message, session, active, remote, (response) => reply(sealMessage(response, state, protection)));
  }

  /** A message that is known to be the session's own. */
  function receiveMessage(
    message: Buffer,
    session: Session,
    active: ActiveSession,
    remote: Remote,
    send: (response: Buffer) => void,
  ): void {
    // The keys say whose packet it is: a console behind a changing address translation is followed (§13.6).
    session.remote = remote;
    sessions.touch(session);
    const earlier = active.replies.lookUp(message, now());
    if (earlier === "pending") {
      return;
    }
    if (earlier) {
      send(earlier);
      return;
    }
    const remember = active.replies.begin(message, now());
    answer(message, { remote, session: active }, (response) => {
      remember(response);
      send(response);
    });
  }

  /** Runs a request and hands its LAN message on; a closed session still gets the reply that told so. */
  function answer(message: Buffer, { remote, session, temporary }: Origin, respond: (message: Buffer) => void): void {
    const request = decodeLanRequest(message);
    const context: CommandContext = {
      bmc,
      machine,
      session,
      sessions: directory,
      commands: options.commands,
      hasCommand,
      ipmi15Login: ipmi15Handshake.loginFor(remote, temporary),
      remote,
      now: now(),
      log,
    };
    const finish = (completion: Completion): void => {
      record(request, context, completion);
      respond(encodeLanResponse(request, completion.code, completion.data));
    };
    const completion = dispatcher.dispatch(request, context);
    if (completion instanceof Promise) {
      void completion.then(finish);
    } else {
      finish(completion);
    }
  }

  /** One event per command: what changes something, or went wrong in the machine, is of interest to its owner. */
  function record(
    request: LanRequest,
    { session, remote, now: startedAt }: CommandContext,
    completion: Completion,
  ): void {
    const command = dispatcher.find(request);
    const isOfInterest = command !== undefined && command.privilege >= privilege.operator;
    const failed = completion.code !== completionCode.ok && completion.reason !== undefined;
    log(isOfInterest || failed ? "info" : "debug", command?.name ?? "unknown command", {
      source: remote.address,
      ...(session && { session: session.id, user: session.userName }),
      netFn: request.netFn,
      command: request.command,
      completionCode: completion.code,
      ms: now() - startedAt,
      ...(completion.reason !== undefined && { reason: completion.reason }),
    });
  }

  return { receive };
}
