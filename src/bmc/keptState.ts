/** One document of the memory as a value that is changed whole: first on disk, then in force. */
import { MemoryError, type BmcMemory } from "./memory.js";

export interface KeptState<T> {
  readonly value: () => T;
  /**
   * Changes run one after the other. Rejects with what `next` throws, or with MemoryError when the disk does not take it;
   * the value stays as it was then. What equals the value before is not written.
   */
  readonly change: (next: (value: T) => T) => Promise<void>;
}

export interface Codec<T> {
  /** `document` is what JSON gave back. Throws an Error that names what is wrong with it. */
  readonly decode: (document: unknown) => T;
  /** Plain JSON data. */
  readonly encode: (value: T) => unknown;
}

/** Throws MemoryError (damaged) when the document is there but is not one that this software wrote. */
export function createKeptState<T>(memory: BmcMemory, document: string, initial: T, codec: Codec<T>): KeptState<T> {
  let value = decodeKept(memory, document, initial, codec);
  let lastChange: Promise<void> = Promise.resolve();

  async function apply(next: (value: T) => T): Promise<void> {
    const changed = next(value);
    if (changed !== value) {
      await memory.write(document, codec.encode(changed));
      value = changed;
    }
  }

  return {
    value: () => value,
    change: (next) => {
      const turn = lastChange.then(() => apply(next));
      lastChange = turn.catch(() => undefined);
      return turn;
    },
  };
}

function decodeKept<T>(memory: BmcMemory, document: string, initial: T, { decode }: Codec<T>): T {
  const kept = memory.read(document);
  if (kept === undefined) {
    return initial;
  }
  try {
    return decode(kept);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = `correct ${document}.json in the BMC's folder, or delete it to begin anew`;
    throw new MemoryError("damaged", `what was kept of "${document}" cannot be used: ${reason}; ${remedy}`);
  }
}
