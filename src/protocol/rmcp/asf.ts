/** ASF presence ping and pong (IPMI 2.0 §13.2.3-4, tables 13-6 and 13-7). Integers are big-endian here. */
import { requireLength } from "./malformedPacketError.js";
import { rmcpClass } from "./rmcpHeader.js";

const asfEnterpriseNumber = 4542;
const messageType = { presencePong: 0x40, presencePing: 0x80 } as const;
const pingLength = 8;
/** Supported entities: bit 7 IPMI supported, bits [3:0] ASF version 1.0. */
const ipmiSupported = 0x81;
/** The pong is not a response that ASF security knows: it has neither sequence number nor acknowledgement. */
const noSequence = 0xff;

export interface PresencePing {
  readonly tag: number;
}

/** undefined for any other ASF message. Throws MalformedPacketError if it is truncated. */
export function decodePresencePing(body: Buffer): PresencePing | undefined {
  requireLength(body, pingLength, "ASF message");
  const isPing = body.readUInt32BE(0) === asfEnterpriseNumber && body.readUInt8(4) === messageType.presencePing;
  return isPing ? { tag: body.readUInt8(5) } : undefined;
}

/** A complete datagram. */
export function encodePresencePong({ tag }: PresencePing): Buffer {
  const packet = Buffer.alloc(28);
  packet.set([0x06, 0x00, noSequence, rmcpClass.asf]);
  packet.writeUInt32BE(asfEnterpriseNumber, 4);
  packet.set([messageType.presencePong, tag, 0x00, 0x10], 8);
  packet.writeUInt32BE(asfEnterpriseNumber, 12);
  packet.writeUInt8(ipmiSupported, 20);
  return packet;
}
