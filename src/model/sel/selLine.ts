/** The lines of a System Event Log's journal: one for each change. */

/** The journal's file name in the BMC's folder. */
export const selJournalFile = "sel.journal";

/** `time` is the BMC's in seconds. */
export type SelLine =
  /** `at`: the host's time, ms; absent in lines of older versions and summaries. */
  | { readonly kind: "add"; readonly time: number; readonly record: Buffer; readonly at?: number }
  | { readonly kind: "delete"; readonly time: number; readonly id: number }
  | { readonly kind: "clear"; readonly time: number }
  /** The fields of a summary besides the records. */
  | { readonly kind: "state"; readonly time: number; readonly hasOverflowed: boolean };

/** IPMI 2.0 §32.1. */
export const selRecordLength = 16;

export function encodeSelLine(line: SelLine): string {
  const time = Buffer.alloc(4);
  time.writeUInt32LE(line.time);
  const argument = Buffer.concat([time, argumentOf(line)]).toString("hex");
  return `${line.kind} ${argument}${line.kind === "add" && line.at !== undefined ? ` ${line.at}` : ""}`;
}

function argumentOf(line: SelLine): Buffer {
  switch (line.kind) {
    case "add":
      return line.record;
    case "delete":
      return Buffer.from([line.id & 0xff, line.id >> 8]);
    case "clear":
      return Buffer.alloc(0);
    case "state":
      return Buffer.from([line.hasOverflowed ? 1 : 0]);
  }
}

/** Record IDs 0 and FFFFh mean the first and the last record (IPMI 2.0 §31.4). */
const reservedIds: readonly number[] = [0, 0xffff];

/** undefined for a line of an unknown kind; throws RangeError for an invalid one. */
export function decodeSelLine(text: string): SelLine | undefined {
  const [kind, argument = "", at] = text.split(" ");
  const bytes = Buffer.from(argument, "hex");
  switch (kind) {
    case "add":
      return { kind, time: bytes.readUInt32LE(0), record: recordOf(bytes), ...(at !== undefined && timeOf(at)) };
    case "delete":
      return { kind, time: bytes.readUInt32LE(0), id: bytes.readUInt16LE(4) };
    case "clear":
      return { kind, time: bytes.readUInt32LE(0) };
    case "state":
      return { kind, time: bytes.readUInt32LE(0), hasOverflowed: bytes.readUInt8(4) !== 0 };
    default:
      return undefined;
  }
}

function recordOf(bytes: Buffer): Buffer {
  const record = bytes.subarray(4, 4 + selRecordLength);
  if (record.length < selRecordLength || reservedIds.includes(record.readUInt16LE(0))) {
    throw new RangeError("not a record of 16 bytes with an ID");
  }
  return record;
}

function timeOf(text: string): { readonly at?: number } {
  const at = Number(text);
  return Number.isSafeInteger(at) ? { at } : {};
}
