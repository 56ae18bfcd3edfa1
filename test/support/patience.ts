/** A bound for what a test waits for, so that a failure says what did not come, and the files behind it are run. */
import { setTimeout as wait } from "node:timers/promises";

/** Longer than anything takes on a busy machine, ms. */
const patienceMs = 120_000;
/** Between two looks, ms. */
const lookMs = 10;

type Given<T> = Exclude<T, false | null | undefined>;

/** What `promise` gives, or after two minutes an error with `what`, which tells what has come instead. */
export async function patiently<T>(promise: Promise<T>, what: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${patienceMs / 1_000} s: ${what()}`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Looks until there is something, for what has no event that could be awaited.
 *
 * @returns what `look` gave: neither undefined nor null nor false
 * @throws after two minutes, with `what`
 */
export async function until<T>(what: string, look: () => Promise<T> | T): Promise<Given<T>> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) {
      return seen as Given<T>;
    }
    if (performance.now() > end) {
      throw new Error(`not within ${patienceMs / 1_000} s: ${what}`);
    }
    await wait(lookMs);
  }
}
