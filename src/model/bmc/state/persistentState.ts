/** A stored document as a value that is replaced as a whole: first on disk, then in force. */
import { createSerialQueue, type SerialQueue } from "../../../base/async/serialQueue.js";
import type { Codec } from "../../../base/document/codec.js";
import { reasonOf } from "../../../base/errors.js";
import { type BmcStorage, StorageError } from "./storage.js";

export interface PersistentState<T> {
  readonly value: () => T;
  /**
   * For a requested change. Changes run one after the other. Rejects with the error of `next`, or with StorageError;
   * the value does not change then. The same value (by identity) is not written.
   */
  readonly change: (next: (value: T) => T) => Promise<void>;
  /** For a change that the BMC itself detects: in force even if it cannot be stored, which the storage logs. */
  readonly note: (next: (value: T) => T) => Promise<void>;
}

/** An invalid document is set aside, which the storage logs; the value is `initial` then. */
export function createPersistentState<T>(
  storage: BmcStorage,
  document: string,
  initial: T,
  codec: Codec<T>,
): PersistentState<T> {
  let value = decodeStored(storage, document, initial, codec);
  /** Made for the first change: a process serves many BMCs, and most of their documents never change. */
  let queue: SerialQueue | undefined;

  async function apply(next: (value: T) => T, isForced: boolean): Promise<void> {
    const changed = next(value);
    if (changed === value) {
      return;
    }
    const encoded = encodeStored(document, changed, codec);
    await storage.write(document, encoded).catch((error: unknown) => {
      if (!isForced) {
        throw error;
      }
    });
    value = changed;
  }

  function inTurn(next: (value: T) => T, isForced: boolean): Promise<void> {
    queue ??= createSerialQueue();
    return queue.run(() => apply(next, isForced));
  }

  return {
    value: () => value,
    change: (next) => inTurn(next, false),
    note: (next) => inTurn(next, true),
  };
}

function decodeStored<T>(storage: BmcStorage, document: string, initial: T, { decode }: Codec<T>): T {
  const stored = storage.read(document);
  if (stored === undefined) {
    return initial;
  }
  try {
    return decode(stored);
  } catch (error) {
    storage.setAside(document, reasonOf(error));
    return initial;
  }
}

function encodeStored<T>(document: string, value: T, { encode }: Codec<T>): unknown {
  try {
    return encode(value);
  } catch (error) {
    throw new StorageError(
      "refused",
      `"${document}" cannot be stored, since it could not be read back: ${reasonOf(error)}`,
    );
  }
}
