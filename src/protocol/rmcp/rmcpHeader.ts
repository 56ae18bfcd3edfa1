/** RMCP header (IPMI 2.0 §13.1.3, table 13-1). */
import { MalformedPacketError, requireLength } from "./malformedPacketError.js";

export const rmcpClass = { asf: 0x06, ipmi: 0x07 } as const;

const version = 0x06;
/** An IPMI message is never acknowledged at the RMCP layer: its sequence number is FFh. */
const noAcknowledge = 0xff;
export const rmcpHeaderLength = 4;

const acknowledgeBit = 0x80;

export interface RmcpPacket {
  /** The class byte: bit 7 marks an acknowledgement, which is not a class that can be served. */
  readonly class: number;
  readonly body: Buffer;
  /** The sender requests an acknowledgement with a sequence number of 0 to 254 (§13.2.1). */
  readonly wantsAcknowledgement: boolean;
}

/** Throws MalformedPacketError. */
export function decodeRmcpPacket(datagram: Buffer): RmcpPacket {
  requireLength(datagram, rmcpHeaderLength, "RMCP packet");
  if (datagram[0] !== version) {
    throw new MalformedPacketError(`RMCP version ${datagram[0]} is not 6`);
  }
  return {
    class: datagram.readUInt8(3),
    body: datagram.subarray(rmcpHeaderLength),
    wantsAcknowledgement: datagram[2] !== noAcknowledge,
  };
}

/** A complete datagram: the received header, marked as an acknowledgement (§13.2.1, table 13-5). */
export function encodeRmcpAcknowledgement(datagram: Buffer): Buffer {
  const packet = Buffer.from(datagram.subarray(0, rmcpHeaderLength));
  packet.writeUInt8(packet.readUInt8(3) | acknowledgeBit, 3);
  return packet;
}

/** Writes the header of an IPMI message into the first four bytes of `packet`. */
export function writeIpmiRmcpHeader(packet: Buffer): void {
  packet[0] = version;
  packet[1] = 0;
  packet[2] = noAcknowledge;
  packet[3] = rmcpClass.ipmi;
}
