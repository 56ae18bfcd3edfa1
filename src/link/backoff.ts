/** How long to wait before the next try: doubling, capped, and with jitter so that many links do not come at once. */

const firstMs = 1_000;
const longestMs = 30_000;
/** A wrong password again and again locks the account. */
const afterRefusedLoginMs = 60_000;

export interface Backoff {
  /** Milliseconds before the next try. */
  readonly next: (loginRefused: boolean) => number;
  readonly reset: () => void;
}

/** `random` gives numbers from 0 to 1. */
export function createBackoff(random: () => number): Backoff {
  let delay = firstMs;
  return {
    next: (loginRefused) => {
      const base = loginRefused ? afterRefusedLoginMs : delay;
      delay = Math.min(delay * 2, longestMs);
      return base * (0.75 + random() / 4);
    },
    reset: () => {
      delay = firstMs;
    },
  };
}
