/** Lines that are only ever added at the end, kept over restarts: what grows in small steps, such as the SEL. */
export interface Journal {
  /** What was kept when the journal was opened, without what a power failure tore. */
  readonly kept: readonly string[];
  /** Resolves once the line would survive a power failure; rejects with MemoryError when the disk does not take it. */
  readonly append: (line: string) => Promise<void>;
  /** Puts these lines in the place of all there are. On any error the old ones stay. */
  readonly replace: (lines: readonly string[]) => Promise<void>;
}

/** A journal that ends with its process. */
export function createVolatileJournal(kept: readonly string[] = []): Journal {
  return { kept, append: () => Promise.resolve(), replace: () => Promise.resolve() };
}
