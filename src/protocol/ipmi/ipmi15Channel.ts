/** IPMI 1.5 packets (IPMI 2.0 §13.6): outside a session, for Activate Session, and inside a session. */
import { authType, encodeIpmi15Wrapper, type Ipmi15Packet } from "../rmcp/ipmi15Wrapper.js";
import { MalformedPacketError } from "../rmcp/malformedPacketError.js";
import { decodeBmcRequest } from "./answerer.js";
import { receiveMessage } from "./payloads/ipmiMessage.js";
import type { PayloadServices } from "./payloads/sessionPayload.js";
import { type Ipmi15Handshake, isAuthentic, sealIpmi15Message } from "./session/ipmi15Handshake.js";
import type { Ipmi15State, Remote, Reply, Session } from "./session/session.js";
import type { SessionTable } from "./session/sessionTable.js";

export interface Ipmi15ChannelOptions extends PayloadServices {
  readonly sessions: SessionTable;
  readonly handshake: Ipmi15Handshake;
}

/** Throws MalformedPacketError. */
export type Ipmi15Channel = (packet: Ipmi15Packet, remote: Remote, reply: Reply) => void;

/** The length of an IPMI 1.5 message is one byte. */
const maxMessage = 0xff;

export function createIpmi15Channel(options: Ipmi15ChannelOptions): Ipmi15Channel {
  const { sessions, handshake, answer } = options;

  function receiveOutsideSession(packet: Ipmi15Packet, remote: Remote, reply: Reply): void {
    if (packet.authType !== authType.none) {
      throw new MalformedPacketError("authenticated packet outside a session");
    }
    answer(decodeBmcRequest(packet.payload), { remote, maxLength: maxMessage }, (message) =>
      reply(encodeIpmi15Wrapper({ ...packet, payload: message })),
    );
  }

  /** Activate Session, the only command with a temporary session ID: its sequence number is 0 (§6.12.12). */
  function receiveActivation(
    packet: Ipmi15Packet,
    session: Session,
    state: Ipmi15State,
    remote: Remote,
    reply: Reply,
  ): void {
    if (state.activated?.request.equals(packet.payload)) {
      reply(state.activated.reply);
      return;
    }
    if (session.active) {
      throw new MalformedPacketError("session sequence number 0 in an active session");
    }
    const origin = { remote, temporary: session, maxLength: maxMessage };
    answer(decodeBmcRequest(packet.payload), origin, (message) => {
      const datagram = sealIpmi15Message(message, session.id, state);
      state.activated = { request: Buffer.from(packet.payload), reply: datagram };
      reply(datagram);
    });
  }

  function receiveInSession(
    packet: Ipmi15Packet,
    session: Session,
    state: Ipmi15State,
    remote: Remote,
    reply: Reply,
  ): void {
    const { active } = session;
    if (!active?.inbound.accept(packet.sequence)) {
      throw new MalformedPacketError(`session sequence number ${packet.sequence} is a duplicate or outside the window`);
    }
    state.activated = undefined;
    sessions.touch(session, remote, reply);
    const send = (message: Buffer): void => reply(sealIpmi15Message(message, session.id, state));
    const source = { remote, session, active, sequence: packet.sequence, send };
    receiveMessage(packet.payload, source, options, maxMessage);
  }

  return (packet, remote, reply) => {
    if (packet.sessionId === 0) {
      receiveOutsideSession(packet, remote, reply);
      return;
    }
    const session = sessions.find(packet.sessionId);
    if (session?.state.protocol !== "ipmi15") {
      throw new MalformedPacketError("no open session has the ID of the packet");
    }
    const { state } = session;
    if (!isAuthentic(packet, state)) {
      if (!session.active) {
        handshake.refuse(session, state, remote);
      }
      throw new MalformedPacketError("wrong AuthCode");
    }
    const receive = packet.sequence === 0 ? receiveActivation : receiveInSession;
    receive(packet, session, state, remote, reply);
  };
}
