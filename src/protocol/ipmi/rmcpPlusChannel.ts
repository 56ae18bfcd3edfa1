/** RMCP+ packets (IPMI 2.0 §13.6): session setup and IPMI messages outside a session, the payload table inside. */
import { MalformedPacketError } from "../rmcp/malformedPacketError.js";
import { encodeRmcpPlusWrapper, payloadType, type RmcpPlusPacket } from "../rmcp/rmcpPlusWrapper.js";
import { decodeBmcRequest } from "./answerer.js";
import { maxRmcpPlusMessage, sessionPayloads, setupPayloads } from "./payloads/index.js";
import type { PayloadServices } from "./payloads/sessionPayload.js";
import type { Handshake } from "./session/handshake.js";
import type { Remote, Reply } from "./session/session.js";
import { openPayload, sealPayload } from "./session/sessionPayload.js";
import type { SessionTable } from "./session/sessionTable.js";

export interface RmcpPlusChannelOptions extends PayloadServices {
  readonly sessions: SessionTable;
  readonly handshake: Handshake;
}

const payloadRows = new Map(sessionPayloads.map((row) => [row.type, row]));

/** Throws MalformedPacketError. */
export type RmcpPlusChannel = (packet: RmcpPlusPacket, remote: Remote, reply: Reply) => void;

export function createRmcpPlusChannel(options: RmcpPlusChannelOptions): RmcpPlusChannel {
  const { sessions, handshake, answer } = options;

  function receiveOutsideSession(packet: RmcpPlusPacket, remote: Remote, reply: Reply): void {
    if (packet.encrypted || packet.authenticated) {
      throw new MalformedPacketError("protected packet outside a session");
    }
    if (packet.payloadType === payloadType.ipmi) {
      const origin = { remote, maxLength: maxRmcpPlusMessage };
      answer(decodeBmcRequest(packet.payload), origin, (message) => reply(encodePlain(payloadType.ipmi, message)));
      return;
    }
    const row = setupPayloads.find(({ request }) => request === packet.payloadType);
    if (!row) {
      throw new MalformedPacketError(`unknown payload type ${packet.payloadType}`);
    }
    const response = handshake[row.step](packet.payload, remote);
    if (response) {
      reply(encodePlain(row.response, response));
    }
  }

  function receiveInSession(packet: RmcpPlusPacket, remote: Remote, reply: Reply): void {
    const session = sessions.find(packet.sessionId);
    if (!session?.active || session.state.protocol !== "rmcpPlus" || !session.state.protection) {
      throw new MalformedPacketError("no open session has the ID of the packet");
    }
    const row = payloadRows.get(packet.payloadType);
    if (!row) {
      throw new MalformedPacketError(`payload type ${packet.payloadType} cannot be used inside a session`);
    }
    const { state, active } = session;
    const { protection } = session.state;
    const payload = openPayload(packet, protection, active.inbound);
    state.rakp3 = undefined;
    sessions.touch(session, remote, reply);
    const send = (response: Buffer): void => reply(sealPayload(row.type, response, state, protection));
    row.receive(payload, { remote, session, active, sequence: packet.sequence, send }, options);
  }

  return (packet, remote, reply) => {
    if (packet.sessionId === 0) {
      receiveOutsideSession(packet, remote, reply);
    } else {
      receiveInSession(packet, remote, reply);
    }
  };
}

/** A complete datagram outside a session. */
function encodePlain(type: number, payload: Buffer): Buffer {
  return encodeRmcpPlusWrapper({ payloadType: type, encrypted: false, sessionId: 0, sequence: 0 }, payload);
}
