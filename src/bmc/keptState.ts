/** One document of the memory as a value that is changed whole: first on disk, then in force. */
import type { Codec } from "../document/codec.js";
import { MemoryError, type BmcMemory } from "./memory.js";

export interface KeptState<T> {
  readonly value: () => T;
  /**
   * For what somebody asks for. Changes run one after the other. Rejects with what `next` throws, or with MemoryError when
   * the disk does not take it; the value stays as it was then. What equals the value before is not written.
   */
  readonly change: (next: (value: T) => T) => Promise<void>;
  /** For what the BMC finds out by itself: in force also when the disk does not take it. The memory tells of that. */
  readonly note: (next: (value: T) => T) => Promise<void>;
}

/** A document that cannot be used is set aside by the memory, which tells of it: then the value is `initial`. */
export function createKeptState<T>(memory: BmcMemory, document: string, initial: T, codec: Codec<T>): KeptState<T> {
  let value = decodeKept(memory, document, initial, codec);
  let lastChange: Promise<void> = Promise.resolve();

  async function apply(next: (value: T) => T, isForced: boolean): Promise<void> {
    const changed = next(value);
    if (changed === value) {
      return;
    }
    const encoded = encodeKept(document, changed, codec);
    await memory.write(document, encoded).catch((error: unknown) => {
      if (!isForced) {
        throw error;
      }
    });
    value = changed;
  }

  function inTurn(next: (value: T) => T, isForced: boolean): Promise<void> {
    const turn = lastChange.then(() => apply(next, isForced));
    lastChange = turn.catch(() => undefined);
    return turn;
  }

  return {
    value: () => value,
    change: (next) => inTurn(next, false),
    note: (next) => inTurn(next, true),
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
    memory.setAside(document, reasonOf(error));
    return initial;
  }
}

function encodeKept<T>(document: string, value: T, { encode }: Codec<T>): unknown {
  try {
    return encode(value);
  } catch (error) {
    throw new MemoryError("refused", `"${document}" is not kept, since it could not be read again: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
