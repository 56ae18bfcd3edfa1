/** IPMI LAN message (IPMI 2.0 §13.8, figure 13-4): the payload of session and session-less packets. */
import { checksum } from "../../base/checksum.js";
import { MalformedPacketError, refuseLonger, requireLength } from "./malformedPacketError.js";

/** Slave address of a BMC, 8-bit form (IPMB §5.5). */
export const bmcAddress = 0x20;

const requestOverhead = 7;
const responseOverhead = 8;
/** No command has more than 255 bytes of data; sessions store sent messages for retransmissions. */
const maxLength = 512;

export interface LanRequest {
  readonly rsAddr: number;
  readonly netFn: number;
  readonly rsLun: number;
  readonly rqAddr: number;
  /** 6-bit sequence number, repeated by the response. */
  readonly rqSeq: number;
  readonly rqLun: number;
  readonly command: number;
  readonly data: Buffer;
}

/** Throws MalformedPacketError for a wrong length or checksum. */
export function decodeLanRequest(message: Buffer): LanRequest {
  requireLength(message, requestOverhead, "IPMI LAN message");
  refuseLonger(message, maxLength, "IPMI LAN message");
  // Header and checksum add up to 0 (§13.8), so one pass over each is enough.
  if (checksum(message, 0, 3) !== 0 || checksum(message, 3) !== 0) {
    throw new MalformedPacketError("IPMI LAN message has a wrong checksum");
  }
  return {
    rsAddr: message.readUInt8(0),
    netFn: message.readUInt8(1) >> 2,
    rsLun: message.readUInt8(1) & 3,
    rqAddr: message.readUInt8(3),
    rqSeq: message.readUInt8(4) >> 2,
    rqLun: message.readUInt8(4) & 3,
    command: message.readUInt8(5),
    data: message.subarray(6, message.length - 1),
  };
}

export function encodeLanRequest(request: LanRequest): Buffer {
  const { rsAddr, netFn, rsLun, rqAddr, rqSeq, rqLun, command, data } = request;
  const message = Buffer.allocUnsafe(requestOverhead + data.length);
  message.set([rsAddr, (netFn << 2) | rsLun, 0, rqAddr, (rqSeq << 2) | rqLun, command]);
  message.set(data, 6);
  return withChecksums(message);
}

/** The response to `request` (netFn + 1, addresses swapped). */
export function encodeLanResponse(request: LanRequest, completionCode: number, data: Buffer): Buffer {
  const { rsAddr, netFn, rsLun, rqAddr, rqSeq, rqLun, command } = request;
  const message = Buffer.allocUnsafe(responseOverhead + data.length);
  message[0] = rqAddr;
  message[1] = ((netFn | 1) << 2) | rqLun;
  message[3] = rsAddr;
  message[4] = (rqSeq << 2) | rsLun;
  message[5] = command;
  message[6] = completionCode;
  message.set(data, 7);
  return withChecksums(message);
}

export interface LanResponse {
  readonly netFn: number;
  readonly rqSeq: number;
  readonly command: number;
  readonly completionCode: number;
  readonly data: Buffer;
}

/** Throws MalformedPacketError for a wrong length or checksum. */
export function decodeLanResponse(message: Buffer): LanResponse {
  requireLength(message, responseOverhead, "IPMI LAN response");
  const { netFn, rqSeq, command, data } = decodeLanRequest(message);
  return { netFn, rqSeq, command, completionCode: data.readUInt8(0), data: data.subarray(1) };
}

function withChecksums(message: Buffer): Buffer {
  message[2] = checksum(message, 0, 2);
  message[message.length - 1] = checksum(message, 3, message.length - 1);
  return message;
}
