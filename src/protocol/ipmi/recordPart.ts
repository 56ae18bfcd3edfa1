/** Reads a part of a record; shared by Get SEL Entry and Get SDR (IPMI 2.0 tables 31-5 and 33-6). */
import { requireDataLength } from "./requestData.js";

export interface RecordRequest {
  readonly reservation: number;
  /** 0 is the first record, FFFFh the last. */
  readonly id: number;
  readonly offset: number;
  /** FFh: to the end. */
  readonly count: number;
}

export interface RecordPart {
  /** ID of the next record, or `noNextRecord`. */
  readonly next: number;
  readonly bytes: Buffer;
}

export const wholeRecord = 0xff;
export const noNextRecord = 0xffff;

export function decodeRecordRequest(data: Buffer): RecordRequest {
  requireDataLength(data, 6);
  return {
    reservation: data.readUInt16LE(0),
    id: data.readUInt16LE(2),
    offset: data.readUInt8(4),
    count: data.readUInt8(5),
  };
}

export function encodeRecordPart({ next, bytes }: RecordPart): Buffer {
  const data = Buffer.alloc(2);
  data.writeUInt16LE(next);
  return Buffer.concat([data, bytes]);
}
