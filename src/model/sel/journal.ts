/** An append-only list of lines that outlives a restart: for what grows in small steps, such as the SEL. */
export interface Journal {
  /** The lines that it held when it was opened, without one that a power failure tore. */
  readonly savedLines: readonly string[];
  /** Resolves once the line would survive a power failure; rejects with StorageError when the disk does not take it. */
  readonly append: (line: string) => Promise<void>;
  /** Replaces all lines. On any error the old ones stay. */
  readonly replace: (lines: readonly string[]) => Promise<void>;
}

/** A journal that ends with its process. */
export function createInMemoryJournal(savedLines: readonly string[] = []): Journal {
  return { savedLines, append: () => Promise.resolve(), replace: () => Promise.resolve() };
}
