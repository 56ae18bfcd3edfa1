/** Persistent storage of a BMC: small JSON documents by name, e.g. `users`, each replaced as a whole. */
export interface BmcStorage {
  /** The document as parsed JSON, not validated; undefined if there is none or it was damaged. */
  readonly read: (document: string) => unknown;
  /** Resolves once it survives a power failure; rejects with StorageError, and keeps the old one. */
  readonly write: (document: string, value: unknown) => Promise<void>;
  /** The document is invalid: renames it and logs the loss. Never throws. */
  readonly setAside: (document: string, reason: string) => void;
}

/** Why something was not stored: `full` (disk full), `damaged` (a journal that must be rewritten), `refused` (any other error). */
export class StorageError extends Error {
  override readonly name = "StorageError";

  constructor(
    readonly kind: "full" | "refused" | "damaged",
    message: string,
  ) {
    super(message);
  }
}

/** Storage that ends with its process. */
export function createInMemoryStorage(documents: Readonly<Record<string, unknown>> = {}): BmcStorage {
  const stored = new Map(Object.entries(documents));
  return {
    read: (document) => stored.get(document),
    write: (document, value) => {
      stored.set(document, structuredClone(value));
      return Promise.resolve();
    },
    setAside: (document) => void stored.delete(document),
  };
}
