/**
 * The System Event Log (IPMI 2.0 chapters 31 and 32): the latest records of 16 bytes, kept in a journal. A new record
 * takes the oldest one's place when the log is full.
 */
import type { Journal } from "./journal.js";
import { applyLine, emptySel, isApplied, summaryOf, unspecifiedTime } from "./selContent.js";
import { encodeSelLine, selRecordLength } from "./selLine.js";

export const selCapacity = 4_096;
export { selRecordLength, unspecifiedTime };

export interface Sel {
  readonly count: () => number;
  /** The record as Get SEL Entry gives it; undefined when there is none of that ID. Record IDs are 1-FFFEh. */
  readonly find: (id: number) => Buffer | undefined;
  readonly first: () => Buffer | undefined;
  readonly last: () => Buffer | undefined;
  /** ID of the record after this one; undefined after the last. */
  readonly idAfter: (id: number) => number | undefined;
  /**
   * Adds a record of 16 bytes, whose ID is put in; `now` is the BMC's time in seconds. It is in the log at once; `persisted`
   * resolves when it would survive a power failure, and rejects with StorageError.
   */
  readonly add: (record: Buffer, now: number) => { readonly id: number; readonly persisted: Promise<void> };
  /** false when there is no record of that ID. */
  readonly delete: (id: number, now: number) => Promise<boolean>;
  readonly clear: (now: number) => Promise<void>;
  /** The BMC's time, seconds, or unspecifiedTime. */
  readonly lastAddition: () => number;
  readonly lastErase: () => number;
  /** Records have been overwritten since the log was last cleared. */
  readonly hasOverflowed: () => boolean;
  /** Counts up when reservations become invalid: when records come or go (§31.4.2). */
  readonly version: () => number;
}

export interface SelOptions {
  readonly capacity?: number;
  /** The host's time, ms, which the BMC's need not be: the journal keeps it with each record. */
  readonly hostNow?: () => number;
  /** Takes each new record, with its ID. */
  readonly onAdded?: (record: Buffer, at: number) => void;
}

/** `onTrouble` takes what of the journal is lost, in words. */
export function createSel(
  journal: Journal,
  onTrouble: (reason: string) => void,
  { capacity = selCapacity, hostNow = Date.now, onAdded }: SelOptions = {},
): Sel {
  const content = emptySel(capacity);
  let version = 0;
  /** Lines in the journal; undefined when it must be rewritten. */
  let lineCount: number | undefined = journal.savedLines.length;

  const strange = journal.savedLines.filter((line) => !isApplied(content, line)).length;
  if (strange > 0) {
    lineCount = undefined;
    onTrouble(`${strange} lines of its journal cannot be used and are lost`);
  }

  async function rewrite(): Promise<void> {
    const lines = summaryOf(content);
    lineCount = lines.length;
    try {
      await journal.replace(lines);
    } catch (error) {
      // The journal itself logs that.
      lineCount = undefined;
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
    version++;
    applyLine(content, line);
    return keep(line);
  }

  return {
    count: () => content.ring.count(),
    find: (id) => content.ring.find(id),
    first: () => content.ring.first(),
    last: () => content.ring.last(),
    idAfter: (id) => content.ring.idAfter(id),
    add: (record, now) => {
      const whole = Buffer.from(record);
      const id = content.ring.nextId();
      whole.writeUInt16LE(id, 0);
      const at = hostNow();
      const line = encodeSelLine({ kind: "add", time: now, record: whole, at });
      version++;
      applyLine(content, line);
      onAdded?.(whole, at);
      return { id, persisted: keep(line) };
    },
    delete: async (id, now) => {
      if (!content.ring.find(id)) {
        return false;
      }
      await erase(encodeSelLine({ kind: "delete", time: now, id }));
      return true;
    },
    clear: (now) => erase(encodeSelLine({ kind: "clear", time: now })),
    lastAddition: () => content.lastAddition,
    lastErase: () => content.lastErase,
    hasOverflowed: () => content.hasOverflowed,
    version: () => version,
  };
}
