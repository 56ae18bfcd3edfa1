/** SOL payload packets (IPMI 2.0 §15.9, tables 15-2 and 15-3). */
import { requireLength } from "../../rmcp/malformedPacketError.js";

export const solHeaderLength = 4;
/** Characters of a packet: their count is acknowledged in one byte. */
export const maxCharacters = 255;
/** What we send, header included: all that one acknowledgement can count. FreeIPMI takes 5 to 259. */
export const solPacketSize = solHeaderLength + maxCharacters;

/** Operation byte, remote console → BMC. */
export const solOperation = {
  nack: 0x40,
  generateBreak: 0x10,
  deassertCts: 0x08,
  flushOutbound: 0x01,
} as const;

/** Status byte, BMC → remote console. */
export const solStatus = {
  nack: 0x40,
  transferUnavailable: 0x20,
  deactivated: 0x10,
  overrun: 0x08,
} as const;

export interface SolPacket {
  /** 1-15; 0: only acknowledges. */
  readonly sequence: number;
  /** Of the packet that this one acknowledges; 0: none. */
  readonly ackedSequence: number;
  readonly acceptedCount: number;
  /** Operation or status byte, by direction. */
  readonly flags: number;
  /** A view of the packet. */
  readonly characters: Buffer;
}

/** Throws MalformedPacketError. */
export function decodeSolPacket(packet: Buffer): SolPacket {
  requireLength(packet, solHeaderLength, "SOL packet");
  return {
    sequence: packet.readUInt8(0) & 0x0f,
    ackedSequence: packet.readUInt8(1) & 0x0f,
    acceptedCount: packet.readUInt8(2),
    flags: packet.readUInt8(3),
    characters: packet.subarray(solHeaderLength),
  };
}

/** A packet of ours without characters: an acknowledgement or the status. */
export function encodeSolAcknowledgement(ackedSequence: number, acceptedCount: number, status: number): Buffer {
  return Buffer.from([0, ackedSequence, acceptedCount, status]);
}
