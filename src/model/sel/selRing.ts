/** Records of 16 bytes ordered by age, in one buffer that grows as needed: thousands of BMCs share a host. */
import { selRecordLength as recordLength } from "./selLine.js";

const firstSlots = 16;
const lastId = 0xfffe;

export interface SelRing {
  readonly count: () => number;
  readonly nextId: () => number;
  /** The record contains its ID. True if the oldest one was dropped. */
  readonly add: (record: Buffer) => boolean;
  readonly delete: (id: number) => void;
  readonly find: (id: number) => Buffer | undefined;
  readonly first: () => Buffer | undefined;
  readonly last: () => Buffer | undefined;
  readonly idAfter: (id: number) => number | undefined;
  readonly all: () => Buffer[];
}

export function createSelRing(capacity: number): SelRing {
  let slots = Buffer.alloc(0);
  /** Index of the oldest record's slot. */
  let start = 0;
  let count = 0;
  let nextId = 1;
  /** Where the last look-up ended, since the log is usually read sequentially. */
  let hint = 0;

  const slotCount = (): number => slots.length / recordLength;

  /** The bytes of the record at a position; 0 is the oldest. */
  function at(position: number): Buffer {
    const slot = (start + position) % slotCount();
    return slots.subarray(slot * recordLength, (slot + 1) * recordLength);
  }

  function grow(): void {
    const records = all();
    slots = Buffer.alloc(Math.min(Math.max(slotCount() * 2, firstSlots), capacity) * recordLength);
    Buffer.concat(records).copy(slots);
    start = 0;
  }

  function all(): Buffer[] {
    return Array.from({ length: count }, (_, position) => Buffer.from(at(position)));
  }

  function copyAt(position: number): Buffer | undefined {
    return position >= 0 && position < count ? Buffer.from(at(position)) : undefined;
  }

  function positionOf(id: number): number {
    for (let step = 0; step < count; step++) {
      const position = (hint + step) % count;
      if (at(position).readUInt16LE(0) === id) {
        hint = position;
        return position;
      }
    }
    return -1;
  }

  return {
    count: () => count,
    nextId: () => nextId,
    add: (record) => {
      const isFull = count === capacity;
      if (isFull) {
        start = (start + 1) % slotCount();
        count--;
      } else if (count === slotCount()) {
        grow();
      }
      count++;
      record.copy(at(count - 1));
      const id = record.readUInt16LE(0);
      nextId = id >= lastId ? 1 : id + 1;
      return isFull;
    },
    delete: (id) => {
      let position = positionOf(id);
      if (position < 0) {
        return;
      }
      for (; position < count - 1; position++) {
        at(position + 1).copy(at(position));
      }
      count--;
    },
    find: (id) => copyAt(positionOf(id)),
    first: () => copyAt(0),
    last: () => copyAt(count - 1),
    idAfter: (id) => {
      const position = positionOf(id);
      return position < 0 ? undefined : copyAt(position + 1)?.readUInt16LE(0);
    },
    all,
  };
}
