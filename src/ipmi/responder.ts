/** Datagram in, datagrams out: one BMC's RMCP+ responder. It touches no socket, and nothing that arrives makes it throw. */
import type { Bmc } from "../bmc/bmc.js";
import type { Machine } from "../machine/machine.js";
import { decodePresencePing, encodePresencePong } from "../rmcp/asf.js";
import { authType, decodeIpmi15Wrapper, encodeIpmi15Wrapper } from "../rmcp/ipmi15Wrapper.js";
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
import type { Remote } from "./session/session.js";
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

export interface Responder {
  /** `reply` is called at most once, at once or later; it may be called after the session ended. */
  readonly receive: (datagram: Buffer, remote: Remote, reply: Reply) => void;
}

export function createResponder(options: ResponderOptions): Responder {
  const { bmc, machine, now, log } = options;
  const sessions = createSessionTable(options);
  const dispatcher = createDispatcher(options.commands);
  const handshake = createHandshake({ ...options, sessions });
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
    const packet = decodeIpmi15Wrapper(body);
    if (packet.authType !== authType.none || packet.sessionId !== 0) {
      throw new MalformedPacketError("packet of an IPMI 1.5 session, which are not served");
    }
    answer(packet.payload, undefined, remote, (message) => reply(encodeIpmi15Wrapper({ ...packet, payload: message })));
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
        answer(packet.payload, undefined, remote, (message) => {
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
    const active = session?.active;
    if (!session || !active) {
      throw new MalformedPacketError("packet names no open session");
    }
    if (packet.payloadType !== payloadType.ipmi) {
      throw new MalformedPacketError(`payload type ${packet.payloadType} is not known inside a session`);
    }
    const message = openPayload(packet, active);
    // The keys say whose packet it is: a console behind a changing address translation is followed (§13.6).
    session.remote = remote;
    session.rakp3 = undefined;
    sessions.touch(session);
    const earlier = active.replies.lookUp(message, now());
    if (earlier === "pending") {
      return;
    }
    const send = (response: Buffer): void => reply(sealMessage(response, session, active));
    if (earlier) {
      send(earlier);
      return;
    }
    const remember = active.replies.begin(message, now());
    answer(message, active, remote, (response) => {
      remember(response);
      send(response);
    });
  }

  /** Runs a request and hands its LAN message on; a closed session still gets the reply that told so. */
  function answer(message: Buffer, session: CommandSession | undefined, remote: Remote, respond: Reply): void {
    const request = decodeLanRequest(message);
    const startedAt = now();
    const context: CommandContext = { bmc, machine, session, sessions: directory, remote, now: startedAt, log };
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
