/** RMCP header (IPMI 2.0 §13.1.3, table 13-1). */
import { MalformedPacketError, requireLength } from "../wire/malformedPacketError.js";

export const rmcpClass = { asf: 0x06, ipmi: 0x07 } as const;

const version = 0x06;
/** An IPMI message is never acknowledged at the RMCP layer: its sequence number is FFh. */
const noAcknowledge = 0xff;
export const rmcpHeaderLength = 4;

export interface RmcpPacket {
  /** Bits [4:0] of the class byte; bit 7, an RMCP acknowledgement, is refused. */
  readonly class: number;
  readonly body: Buffer;
}

/** Throws MalformedPacketError. */
export function decodeRmcpPacket(datagram: Buffer): RmcpPacket {
  requireLength(datagram, rmcpHeaderLength, "RMCP packet");
  if (datagram.readUInt8(0) !== version) {
    throw new MalformedPacketError(`RMCP version ${datagram.readUInt8(0)} is not 6`);
  }
  return { class: datagram.readUInt8(3), body: datagram.subarray(rmcpHeaderLength) };
}

/** Writes the header of an IPMI message into the first four bytes of `packet`. */
export function writeIpmiRmcpHeader(packet: Buffer): void {
  packet.writeUInt32BE(((version << 24) | (noAcknowledge << 8) | rmcpClass.ipmi) >>> 0, 0);
}
