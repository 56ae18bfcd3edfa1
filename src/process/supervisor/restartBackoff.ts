/** Delays between restarts: 1, 2, 4 … 30 s; reset after a minute without a failure. */
const firstWaitMs = 1000;
const maxWaitMs = 30_000;
const healthyAfterMs = 60_000;

export interface Backoff {
  /** Failures in a row. */
  readonly failures: number;
  /** When to try again, ms since the epoch. */
  readonly retryAt: number;
}

/** Also true where the clock was set back: no wait is longer than the longest. */
export function isDue(retryAt: number, now: number): boolean {
  return retryAt <= now || retryAt - now > maxWaitMs;
}

/**
 * The next value after a failure at `now`.
 * @param healthySince when it started to work before it failed; undefined if it never did
 */
export function nextBackoff(failuresBefore: number, healthySince: number | undefined, now: number): Backoff {
  const wasHealthy = healthySince !== undefined && now - healthySince >= healthyAfterMs;
  const failures = wasHealthy ? 1 : failuresBefore + 1;
  return { failures, retryAt: now + Math.min(firstWaitMs * 2 ** (failures - 1), maxWaitMs) };
}
