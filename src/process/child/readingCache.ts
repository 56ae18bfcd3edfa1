/** What is asked for when somebody wants it, and good for some seconds then: nobody asks, nothing is asked. */

export interface Lifetimes {
  readonly lifetimeMs: number;
  readonly failureLifetimeMs: number;
}

/** vCenter's own statistics are 20 s old: asking more often gives the same; nor is one that fails asked by every reading. */
const usualLifetimes: Lifetimes = { lifetimeMs: 10_000, failureLifetimeMs: 3_000 };

export interface ReadingCache<T> {
  readonly get: () => Promise<T>;
  /** What is known is no longer true. */
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
      // While the question is under way, all who ask wait for its one answer.
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
