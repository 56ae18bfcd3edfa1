/** Delay before the next attempt: doubling, capped, and with jitter so that many links do not retry at once. */

/** Why the last attempt failed: the server was unreachable (cheap to retry), the account has no privileges, or another reason. */
export type FailureKind = "unreachable" | "noRole" | "other";

const firstMs = 1_000;
const maxMs: Readonly<Record<FailureKind, number>> = {
  // Notice a returning server quickly; an attempt at an unreachable one costs a single TCP packet.
  unreachable: 4_000,
  other: 30_000,
  // Only an administrator who assigns a role changes that.
  noRole: 600_000,
};

export interface Backoff {
  /** Milliseconds before the next attempt. */
  readonly next: (failure: FailureKind) => number;
  readonly reset: () => void;
}

/** `random` returns numbers from 0 to 1. */
export function createBackoff(random: () => number): Backoff {
  let delay = firstMs;
  return {
    next: (failure) => {
      if (failure === "noRole") {
        return maxMs.noRole * (1 + random() / 4);
      }
      const base = Math.min(delay, maxMs[failure]);
      delay = Math.min(delay * 2, maxMs.other);
      return base * (0.75 + random() / 4);
    },
    reset: () => {
      delay = firstMs;
    },
  };
}
