/** An append-only list of lines that outlives a restart: for data that grows in small steps, such as the SEL. */
export interface Journal {
  /** The lines at opening time, without one that a power failure has torn. */
  readonly savedLines: readonly string[];
  /** Resolves once the line survives a power failure; rejects with StorageError. */
  readonly append: (line: string) => Promise<void>;
  /** Replaces all lines. On any error the old ones stay. */
  readonly replace: (lines: readonly string[]) => Promise<void>;
}

/** A journal that ends with its process. */
export function createInMemoryJournal(savedLines: readonly string[] = []): Journal {
  return { savedLines, append: () => Promise.resolve(), replace: () => Promise.resolve() };
}
