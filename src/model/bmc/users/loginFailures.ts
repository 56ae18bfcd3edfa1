/** Counts failed logins per source and user, rate-limits their log lines, and notifies listeners. */
import type { Log } from "../../../base/log.js";
import type { BadPasswords } from "./badPasswords.js";
import type { User } from "./users.js";

const reasons = [
  "unknown user",
  "wrong password",
  "privilege level not allowed",
  "user disabled after bad passwords",
] as const;

export type LoginFailureReason = (typeof reasons)[number];

export interface LoginFailure {
  readonly reason: LoginFailureReason;
  /** undefined for an unknown user: a name that is none may be a password in the wrong field. */
  readonly user: { readonly id: number; readonly name: string } | undefined;
  /** IP address of the console. */
  readonly source: string;
  /** Failures in a row for this reason, of this user and from this source, this one included. */
  readonly count: number;
  /** The bad password threshold was reached by this one: the user is disabled from now on. */
  readonly disablesUser: boolean;
  /** It was logged, as a bounded number are: for whoever keeps them, so that strangers cannot fill what they keep. */
  readonly isLogged: boolean;
}

export interface LoginFailures {
  readonly isDisabled: (user: User) => boolean;
  readonly failed: (reason: LoginFailureReason, source: string, user?: User) => void;
  readonly succeeded: (source: string, user: User) => void;
}

export interface LoginFailuresOptions {
  readonly bmc: { readonly badPasswords: BadPasswords };
  readonly now: () => number;
  readonly log: Log;
  readonly onLoginFailed?: ((failure: LoginFailure) => void) | undefined;
}

/** Pairs of source and user, by reason, that are counted at a time; the one that failed longest ago is forgotten. */
const capacity = 256;
/** A pair without a failure for this long begins anew, ms. */
const lifetimeMs = 600_000;
/** Log lines in an interval, for all pairs. */
const linesPerInterval = 20;
const intervalMs = 60_000;

export function createLoginFailures({ bmc, now, log, onLoginFailed }: LoginFailuresOptions): LoginFailures {
  const { badPasswords } = bmc;
  /** In the order of the last failure. */
  const counts = new Map<string, { readonly count: number; readonly last: number }>();
  let intervalStart = 0;
  let lines = 0;
  let untold = 0;

  function countUp(key: string): number {
    const before = counts.get(key);
    const count = before && now() - before.last < lifetimeMs ? before.count + 1 : 1;
    counts.delete(key);
    counts.set(key, { count, last: now() });
    for (const oldest of counts.size > capacity ? counts.keys() : []) {
      counts.delete(oldest);
      break;
    }
    return count;
  }

  /** Whether it was: the 1st, 10th, 100th … failure of a pair, and never more than a few lines a minute. */
  function tell({ reason, source, user, count, disablesUser }: Omit<LoginFailure, "isLogged">): boolean {
    if (now() - intervalStart >= intervalMs) {
      intervalStart = now();
      lines = 0;
    }
    if ((!isPowerOfTen(count) && !disablesUser) || lines >= linesPerInterval) {
      untold++;
      return false;
    }
    lines++;
    log("warn", "login refused", {
      source,
      ...(user && { user: user.name }),
      reason,
      failures: count,
      ...(disablesUser && { userDisabled: true }),
      ...(untold > 0 && { failuresNotLogged: untold }),
    });
    untold = 0;
    return true;
  }

  return {
    isDisabled: ({ id }) => badPasswords.isDisabled(id, now()),
    failed: (reason, source, user) => {
      const failure = {
        reason,
        user: user && { id: user.id, name: user.name },
        source,
        count: countUp(keyOf(reason, source, user)),
        disablesUser: reason === "wrong password" && user !== undefined && badPasswords.count(user.id, now()),
      };
      const isLogged = tell(failure);
      onLoginFailed?.({ ...failure, isLogged });
    },
    succeeded: (source, user) => {
      badPasswords.forgive(user.id);
      reasons.forEach((reason) => counts.delete(keyOf(reason, source, user)));
    },
  };
}

function keyOf(reason: LoginFailureReason, source: string, user: User | undefined): string {
  return `${source} ${user?.id ?? 0} ${reason}`;
}

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count));
}
