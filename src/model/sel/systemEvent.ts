/** System event records (IPMI 2.0 §32.1, table 32-1): 16 bytes with the event of a sensor. */
import { selRecordLength } from "./selLine.js";

/** Record type. */
export const systemEvent = 0x02;
/** Event types of table 42-1; bit 7 is the direction. */
export const sensorSpecific = 0x6f;
export const severity = 0x07;
export const deasserted = 0x80;
/** Generator ID: the BMC itself, IPMB address 20h, channel and LUN 0. */
export const ownGenerator = 0x0020;

/** Record without its ID; `fields` are event message revision to event data 3, `now` is the BMC's time in seconds. */
export function encodeSystemEvent(generator: number, fields: ArrayLike<number>, now: number): Buffer {
  const record = Buffer.alloc(selRecordLength);
  record.writeUInt8(systemEvent, 2);
  record.writeUInt32LE(now, 3);
  record.writeUInt16LE(generator, 7);
  record.set(fields, 9);
  return record;
}
