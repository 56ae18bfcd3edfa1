/** The start of every sensor data record (IPMI 2.0 chapter 43), and their strings (§43.15). */
const sdrVersion = 0x51;
/** The BMC's IPMB address. */
export const ownerAddress = 0x20;
/** 8-bit ASCII and Latin 1. */
const latin1 = 0xc0;
const maxStringLength = 16;

export function encodeRecord(id: number, type: number, body: readonly number[]): Buffer {
  const header = Buffer.from([0, 0, sdrVersion, type, body.length]);
  header.writeUInt16LE(id, 0);
  return Buffer.concat([header, Buffer.from(body)]);
}

export function encodeIdString(text: string): number[] {
  const bytes = [...Buffer.from(text, "latin1")].slice(0, maxStringLength);
  return [latin1 | bytes.length, ...bytes];
}
