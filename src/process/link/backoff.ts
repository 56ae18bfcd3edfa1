/** How long to wait before the next try: doubling, capped, and with jitter so that many links do not come at once. */

/** Why the last try failed: nobody was there, which costs nobody anything; the account may do nothing; or something else. */
export type FailureKind = "unreachable" | "noRole" | "other";

const firstMs = 1_000;
const longestMs: Readonly<Record<FailureKind, number>> = {
  // Whoever comes back is to be noticed soon, and a try that finds nobody is one TCP packet.
  unreachable: 4_000,
  other: 30_000,
  // Only somebody who gives it a role changes that.
  noRole: 600_000,
};

export interface Backoff {
  /** Milliseconds before the next try. */
  readonly next: (failure: FailureKind) => number;
  readonly reset: () => void;
}

/** `random` gives numbers from 0 to 1. */
export function createBackoff(random: () => number): Backoff {
  let delay = firstMs;
  return {
    next: (failure) => {
      if (failure === "noRole") {
        return longestMs.noRole * (1 + random() / 4);
      }
      const base = Math.min(delay, longestMs[failure]);
      delay = Math.min(delay * 2, longestMs.other);
      return base * (0.75 + random() / 4);
    },
    reset: () => {
      delay = firstMs;
    },
  };
}
