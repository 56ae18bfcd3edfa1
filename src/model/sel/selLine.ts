/** What a System Event Log keeps in its journal, one line for each thing that was done to it. */

/** The journal's file in the BMC's folder. */
export const selJournalFile = "sel.journal";

/** `time` is the BMC's in seconds. */
export type SelLine =
  /** `at`: the host's time, ms; a line that an older version or a summary wrote has none. */
  | { readonly kind: "add"; readonly time: number; readonly record: Buffer; readonly at?: number }
  | { readonly kind: "delete"; readonly time: number; readonly id: number }
  | { readonly kind: "clear"; readonly time: number }
  /** What a summary of the log must say besides its records. */
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

/** Record IDs 0 and FFFFh stand for the first and the last record (IPMI 2.0 §31.4). */
const reservedIds: readonly number[] = [0, 0xffff];

/** undefined for a line of a kind that is not known; throws RangeError for one that this software did not write. */
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
    throw new RangeError("no record of 16 bytes with an ID");
  }
  return record;
}

function timeOf(text: string): { readonly at?: number } {
  const at = Number(text);
  return Number.isSafeInteger(at) ? { at } : {};
}
