/**
 * The System Event Log (IPMI 2.0 chapters 31 and 32): the latest records of 16 bytes, stored in a journal. In a full
 * log a new record replaces the oldest.
 */
import type { Journal } from "./journal.js";
import { applyLine, emptySel, isApplied, summaryOf, unspecifiedTime } from "./selContent.js";
import { encodeSelLine, selRecordLength } from "./selLine.js";

export const selCapacity = 4_096;
export { selRecordLength, unspecifiedTime };

export interface Sel {
  readonly count: () => number;
  /** The record as in Get SEL Entry; undefined if there is none with that ID. Record IDs are 1-FFFEh. */
  readonly find: (id: number) => Buffer | undefined;
  readonly first: () => Buffer | undefined;
  readonly last: () => Buffer | undefined;
  /** ID of the record after this one; undefined after the last. */
  readonly idAfter: (id: number) => number | undefined;
  /**
   * Adds a record of 16 bytes and sets its ID; `now` is the BMC's time in seconds. It is in the log immediately;
   * `persisted` resolves once it survives a power failure, and rejects with StorageError.
   */
  readonly add: (record: Buffer, now: number) => { readonly id: number; readonly persisted: Promise<void> };
  /** false if there is no record with that ID. */
  readonly delete: (id: number, now: number) => Promise<boolean>;
  readonly clear: (now: number) => Promise<void>;
  /** The BMC's time, seconds, or unspecifiedTime. */
  readonly lastAddition: () => number;
  readonly lastErase: () => number;
  /** Records have been overwritten since the log was last cleared. */
  readonly hasOverflowed: () => boolean;
  /** Incremented when reservations become invalid: when records are added or deleted (§31.4.2). */
  readonly version: () => number;
}

export interface SelOptions {
  readonly capacity?: number;
  /** The host's time, ms, which may differ from the BMC's: the journal stores it with each record. */
  readonly hostNow?: () => number;
  /** Called with each new record, including its ID. */
  readonly onAdded?: (record: Buffer, at: number) => void;
}

/** Called with a description of what the journal has lost. */
export function createSel(
  journal: Journal,
  onTrouble: (reason: string) => void,
  { capacity = selCapacity, hostNow = Date.now, onAdded }: SelOptions = {},
): Sel {
  const content = emptySel(capacity);
  let version = 0;
  /** Lines in the journal; undefined if it must be rewritten. */
  let lineCount: number | undefined = journal.savedLines.length;

  const unusable = journal.savedLines.filter((line) => !isApplied(content, line)).length;
  if (unusable > 0) {
    lineCount = undefined;
    onTrouble(`${unusable} lines of its journal are unusable and have been lost`);
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

  /** `line` has been applied: a summary includes it. */
  async function keep(line: string): Promise<void> {
    if (lineCount === undefined || lineCount >= 2 * capacity) {
      return rewrite();
    }
    lineCount++;
    try {
      await journal.append(line);
    } catch {
      // Its end may be torn, now or since a power failure.
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
