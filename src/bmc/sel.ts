/**
 * The System Event Log (IPMI 2.0 chapters 31 and 32): the latest records of 16 bytes, kept in a journal. A new record
 * takes the oldest one's place when the log is full.
 */
import type { Journal } from "./journal.js";
import { createSelRing, type SelRing } from "./selRing.js";

export const selCapacity = 4_096;
export const selRecordLength = 16;

/** Timestamp of "not yet" in seconds (§37). */
export const unspecifiedTime = 0xffff_ffff;

export interface Sel {
  readonly count: () => number;
  /** The record as Get SEL Entry gives it; undefined when there is none of that ID. Record IDs are 1-FFFEh. */
  readonly find: (id: number) => Buffer | undefined;
  readonly first: () => Buffer | undefined;
  readonly last: () => Buffer | undefined;
  /** ID of the record behind this one; undefined behind the last. */
  readonly idAfter: (id: number) => number | undefined;
  /**
   * Adds a record of 16 bytes, whose ID is put in; `now` is the BMC's time in seconds. It is in the log at once; `kept`
   * resolves when it would survive a power failure, and rejects with MemoryError.
   */
  readonly add: (record: Buffer, now: number) => { readonly id: number; readonly kept: Promise<void> };
  /** false when there is no record of that ID. */
  readonly delete: (id: number, now: number) => Promise<boolean>;
  readonly clear: (now: number) => Promise<void>;
  /** The BMC's time, seconds, or unspecifiedTime. */
  readonly lastAddition: () => number;
  readonly lastErase: () => number;
  /** Records have been overwritten since the log was cleared last. */
  readonly hasOverflowed: () => boolean;
  /** Counts up when a reservation loses its worth: when records go (§31.4). */
  readonly erasures: () => number;
}

/** `onTrouble` is told why records are not kept. */
export function createSel(journal: Journal, onTrouble: (reason: string) => void, capacity = selCapacity): Sel {
  let ring: SelRing = createSelRing(capacity);
  let lastAddition = unspecifiedTime;
  let lastErase = unspecifiedTime;
  let hasOverflowed = false;
  let erasures = 0;
  /** Lines in the journal; undefined when it must be written anew. */
  let lineCount: number | undefined = journal.kept.length;

  for (const line of journal.kept) {
    apply(line);
  }

  /** Throws for a line that this software did not write. */
  function apply(line: string): void {
    const [kind, argument = ""] = line.split(" ");
    const bytes = Buffer.from(argument, "hex");
    switch (kind) {
      case "add":
        hasOverflowed = ring.add(bytes.subarray(4, 4 + selRecordLength)) || hasOverflowed;
        lastAddition = bytes.readUInt32LE(0);
        break;
      case "delete":
        ring.delete(bytes.readUInt16LE(4));
        lastErase = bytes.readUInt32LE(0);
        break;
      case "clear":
        ring = createSelRing(capacity);
        lastErase = bytes.readUInt32LE(0);
        hasOverflowed = false;
        break;
      case "state":
        lastErase = bytes.readUInt32LE(0);
        hasOverflowed = bytes.readUInt8(4) !== 0;
        break;
    }
  }

  /** All there is, in the fewest lines. */
  function summary(): string[] {
    const state = Buffer.alloc(5);
    state.writeUInt32LE(lastErase, 0);
    state.writeUInt8(hasOverflowed ? 1 : 0, 4);
    return [`state ${state.toString("hex")}`, ...ring.all().map((record) => lineOf("add", lastAddition, record))];
  }

  async function rewrite(): Promise<void> {
    const lines = summary();
    lineCount = lines.length;
    try {
      await journal.replace(lines);
    } catch (error) {
      lineCount = undefined;
      onTrouble(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** `line` has been applied: a summary holds it. */
  async function keep(line: string): Promise<void> {
    if (lineCount === undefined || lineCount >= 2 * capacity) {
      return rewrite();
    }
    lineCount++;
    try {
      await journal.append(line);
    } catch {
      // Its end may be torn now, or was so since a power failure.
      await rewrite();
    }
  }

  function erase(line: string): Promise<void> {
    erasures++;
    apply(line);
    return keep(line);
  }

  return {
    count: () => ring.count(),
    find: (id) => ring.find(id),
    first: () => ring.first(),
    last: () => ring.last(),
    idAfter: (id) => ring.idAfter(id),
    add: (record, now) => {
      const whole = Buffer.from(record);
      const id = ring.nextId();
      whole.writeUInt16LE(id, 0);
      const line = lineOf("add", now, whole);
      apply(line);
      return { id, kept: keep(line) };
    },
    delete: async (id, now) => {
      if (!ring.find(id)) {
        return false;
      }
      const argument = Buffer.alloc(2);
      argument.writeUInt16LE(id);
      await erase(lineOf("delete", now, argument));
      return true;
    },
    clear: (now) => erase(lineOf("clear", now, Buffer.alloc(0))),
    lastAddition: () => lastAddition,
    lastErase: () => lastErase,
    hasOverflowed: () => hasOverflowed,
    erasures: () => erasures,
  };
}

function lineOf(kind: "add" | "delete" | "clear", now: number, argument: Buffer): string {
  const time = Buffer.alloc(4);
  time.writeUInt32LE(now);
  return `${kind} ${Buffer.concat([time, argument]).toString("hex")}`;
}
