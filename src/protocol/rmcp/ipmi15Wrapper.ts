/** IPMI 1.5 session header (IPMI 2.0 §13.6, table 13-8), also used for session-less requests. */
import { MalformedPacketError, requireLength } from "./malformedPacketError.js";
import { rmcpHeaderLength, writeIpmiRmcpHeader } from "./rmcpHeader.js";

/** Authentication types (table 13-8); 06h means the RMCP+ format. */
export const authType = { none: 0x00, md2: 0x01, md5: 0x02, password: 0x04, oem: 0x05, rmcpPlus: 0x06 } as const;

const authCodeLength = 16;

export interface Ipmi15Packet {
  readonly authType: number;
  readonly sequence: number;
  readonly sessionId: number;
  /** 16 bytes, or empty with authentication type none. */
  readonly authCode: Buffer;
  readonly payload: Buffer;
}

/** `body` follows the RMCP header. Throws MalformedPacketError. */
export function decodeIpmi15Wrapper(body: Buffer): Ipmi15Packet {
  requireLength(body, 10, "IPMI 1.5 session header");
  const type = body.readUInt8(0);
  const authCodeEnd = 9 + (type === authType.none ? 0 : authCodeLength);
  requireLength(body, authCodeEnd + 1, "IPMI 1.5 session header");
  const payloadStart = authCodeEnd + 1;
  const payloadEnd = payloadStart + body.readUInt8(authCodeEnd);
  requireLength(body, payloadEnd, "IPMI 1.5 packet");
  // One more byte is the "legacy pad" that some network chips need (table 13-8).
  if (body.length > payloadEnd + 1) {
    throw new MalformedPacketError(`IPMI 1.5 packet has ${body.length - payloadEnd} bytes after its payload`);
  }
  return {
    authType: type,
    sequence: body.readUInt32LE(1),
    sessionId: body.readUInt32LE(5),
    authCode: body.subarray(9, authCodeEnd),
    payload: body.subarray(payloadStart, payloadEnd),
  };
}

/** A complete datagram. */
export function encodeIpmi15Wrapper({ authType: type, sequence, sessionId, authCode, payload }: Ipmi15Packet): Buffer {
  const packet = Buffer.allocUnsafe(rmcpHeaderLength + 10 + authCode.length + payload.length);
  writeIpmiRmcpHeader(packet);
  packet.writeUInt8(type, 4);
  packet.writeUInt32LE(sequence, 5);
  packet.writeUInt32LE(sessionId, 9);
  packet.set(authCode, 13);
  packet.writeUInt8(payload.length, 13 + authCode.length);
  packet.set(payload, 14 + authCode.length);
  return packet;
}
