/** Caches readings that are fetched on demand for a few seconds: without requests, no queries. */

export interface Lifetimes {
  readonly lifetimeMs: number;
  readonly failureLifetimeMs: number;
}

/** vCenter's own statistics are 20 s old, so more frequent queries return the same; a failure is cached too. */
const usualLifetimes: Lifetimes = { lifetimeMs: 10_000, failureLifetimeMs: 3_000 };

export interface ReadingCache<T> {
  readonly get: () => Promise<T>;
  /** The cached values have become invalid. */
  readonly forget: () => void;
}

export function createReadingCache<T>(
  read: () => Promise<T>,
  now: () => number,
  { lifetimeMs, failureLifetimeMs } = usualLifetimes,
): ReadingCache<T> {
  let entry: { readonly result: Promise<T>; until: number } | undefined;

  return {
    get: () => {
      if (entry && now() < entry.until) {
        return entry.result;
      }
      // All requests during a query share its result.
      const own = { result: read(), until: Infinity };
      entry = own;
      own.result.then(
        () => (own.until = now() + lifetimeMs),
        () => (own.until = now() + failureLifetimeMs),
      );
      return own.result;
    },
    forget: () => {
      entry = undefined;
    },
  };
}
