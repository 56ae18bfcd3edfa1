/** RMCP+ session header and trailer (IPMI 2.0 §13.6, table 13-8; payload types §13.27.3). */
import { authType } from "./ipmi15Wrapper.js";
import { MalformedPacketError, requireLength } from "./malformedPacketError.js";
import { rmcpHeaderLength, writeIpmiRmcpHeader } from "./rmcpHeader.js";

export const payloadType = {
  ipmi: 0x00,
  sol: 0x01,
  openSessionRequest: 0x10,
  openSessionResponse: 0x11,
  rakp1: 0x12,
  rakp2: 0x13,
  rakp3: 0x14,
  rakp4: 0x15,
} as const;

const headerLength = 12;
const encryptedBit = 0x80;
const authenticatedBit = 0x40;
const nextHeader = 0x07;
/** Pad length and next header, before the AuthCode. */
const trailerLength = 2;

export interface RmcpPlusPacket {
  readonly payloadType: number;
  readonly encrypted: boolean;
  readonly authenticated: boolean;
  readonly sessionId: number;
  readonly sequence: number;
  readonly payload: Buffer;
  /**
   * From the authentication type to the end of the trailer, which follows the payload: integrity pad, pad length, next
   * header and AuthCode. The AuthCode covers everything before it.
   */
  readonly body: Buffer;
}

/** `body` follows the RMCP header. Throws MalformedPacketError. */
export function decodeRmcpPlusWrapper(body: Buffer): RmcpPlusPacket {
  requireLength(body, headerLength, "RMCP+ session header");
  const type = body.readUInt8(1);
  const payloadEnd = headerLength + body.readUInt16LE(10);
  requireLength(body, payloadEnd, "RMCP+ packet");
  const authenticated = (type & authenticatedBit) !== 0;
  if (!authenticated && body.length !== payloadEnd) {
    throw new MalformedPacketError(`RMCP+ packet has ${body.length - payloadEnd} bytes after its payload`);
  }
  return {
    payloadType: type & 0x3f,
    encrypted: (type & encryptedBit) !== 0,
    authenticated,
    sessionId: body.readUInt32LE(2),
    sequence: body.readUInt32LE(6),
    payload: body.subarray(headerLength, payloadEnd),
    body,
  };
}

/** The bytes that the AuthCode covers; throws if pad, next header or length violate §13.28.4. */
export function integrityProtectedPart(packet: RmcpPlusPacket, authCodeLength: number): Buffer {
  const { body, payload } = packet;
  const payloadEnd = headerLength + payload.length;
  requireLength(body, payloadEnd + trailerLength + authCodeLength, "RMCP+ packet with its session trailer");
  const signedEnd = body.length - authCodeLength;
  const padEnd = signedEnd - trailerLength;
  const isSound =
    padEnd - payloadEnd < 4 &&
    signedEnd % 4 === 0 &&
    body[signedEnd - 2] === padEnd - payloadEnd &&
    body[signedEnd - 1] === nextHeader &&
    isPad(body, payloadEnd, padEnd);
  if (!isSound) {
    throw new MalformedPacketError("invalid padding of the RMCP+ session trailer (§13.28.4)");
  }
  return body.subarray(0, signedEnd);
}

function isPad(body: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if (body[index] !== 0xff) {
      return false;
    }
  }
  return true;
}

export interface RmcpPlusHeader {
  readonly payloadType: number;
  readonly encrypted: boolean;
  readonly sessionId: number;
  readonly sequence: number;
}

/** A complete datagram; `sign` returns the AuthCode of the bytes it is given (absent: unauthenticated). */
export function encodeRmcpPlusWrapper(
  header: RmcpPlusHeader,
  payload: Buffer,
  sign?: { readonly authCodeLength: number; readonly authCode: (covered: Buffer) => Buffer },
): Buffer {
  const payloadEnd = rmcpHeaderLength + headerLength + payload.length;
  const padLength = sign ? -(headerLength + payload.length + trailerLength) & 3 : 0;
  const signedEnd = sign ? payloadEnd + padLength + trailerLength : payloadEnd;
  const packet = Buffer.allocUnsafe(signedEnd + (sign?.authCodeLength ?? 0));
  writeIpmiRmcpHeader(packet);
  packet[4] = authType.rmcpPlus;
  packet[5] = (header.encrypted ? encryptedBit : 0) | (sign ? authenticatedBit : 0) | header.payloadType;
  packet.writeUInt32LE(header.sessionId, 6);
  packet.writeUInt32LE(header.sequence, 10);
  packet.writeUInt16LE(payload.length, 14);
  packet.set(payload, 16);
  if (sign) {
    for (let index = payloadEnd; index < payloadEnd + padLength; index++) {
      packet[index] = 0xff;
    }
    packet[signedEnd - 2] = padLength;
    packet[signedEnd - 1] = nextHeader;
    packet.set(sign.authCode(packet.subarray(rmcpHeaderLength, signedEnd)), signedEnd);
  }
  return packet;
}
