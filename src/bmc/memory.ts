/** What a BMC keeps over a restart: small documents by name, e.g. `users`, each replaced whole. */
export interface BmcMemory {
  /** The document as JSON gave it back, not yet checked; undefined when there is none or it was damaged. */
  readonly read: (document: string) => unknown;
  /** Resolves once it would survive a power failure; rejects when the disk does not take it, the old one stays then. */
  readonly write: (document: string, value: unknown) => Promise<void>;
  /** The document cannot be used: it is put out of the way, and somebody is told what is lost. Never throws. */
  readonly setAside: (document: string, reason: string) => void;
}

/** Why something could not be kept: `full` (no room on the disk), `damaged` (a journal that must be written anew), `refused`. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";

  constructor(
    readonly kind: "full" | "refused" | "damaged",
    message: string,
  ) {
    super(message);
  }
}

/** A memory that ends with its process. */
export function createVolatileMemory(documents: Readonly<Record<string, unknown>> = {}): BmcMemory {
  const kept = new Map(Object.entries(documents));
  return {
    read: (document) => kept.get(document),
    write: (document, value) => {
      kept.set(document, structuredClone(value));
      return Promise.resolve();
    },
    setAside: (document) => void kept.delete(document),
  };
}
