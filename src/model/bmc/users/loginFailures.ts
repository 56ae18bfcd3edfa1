/** Counts failed logins per source and user, rate-limits their log lines, and notifies listeners. */
import { defined } from "../../../base/defined.js";
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
  /** undefined for an unknown user: an unknown name may be a password in the wrong field. */
  readonly user: { readonly id: number; readonly name: string } | undefined;
  /** IP address of the console. */
  readonly source: string;
  /** Number of consecutive failures for this reason, user and source, including this one. */
  readonly count: number;
  /** This failure reached the bad password threshold: the user is disabled now. */
  readonly disablesUser: boolean;
  /** Whether it was logged. Logged failures are rate-limited, so listeners that store only those cannot be flooded. */
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

/**
 * Maximum pairs of source and user, per reason, that are counted; beyond it, the one that failed longest ago is
 * dropped.
 */
const capacity = 256;
/** The count of a pair restarts after this time without a failure, ms. */
const lifetimeMs = 600_000;
/** Log lines per interval, for all pairs. */
const linesPerInterval = 20;
const intervalMs = 60_000;

export function createLoginFailures({ bmc, now, log, onLoginFailed }: LoginFailuresOptions): LoginFailures {
  const { badPasswords } = bmc;
  /** Ordered by the last failure. */
  const counts = new Map<string, { readonly count: number; readonly last: number }>();
  let intervalStart = 0;
  let lines = 0;
  let notLogged = 0;

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

  /** Returns whether it logged: the 1st, 10th, 100th … failure of a pair, and only a few lines per minute. */
  function logIfDue({ reason, source, user, count, disablesUser }: Omit<LoginFailure, "isLogged">): boolean {
    if (now() - intervalStart >= intervalMs) {
      intervalStart = now();
      lines = 0;
    }
    if ((!isPowerOfTen(count) && !disablesUser) || lines >= linesPerInterval) {
      notLogged++;
      return false;
    }
    lines++;
    log(
      "warn",
      "login refused",
      defined({
        source,
        user: user?.name,
        reason,
        failures: count,
        ...(disablesUser && { userDisabled: true }),
        ...(notLogged > 0 && { failuresNotLogged: notLogged }),
      }),
    );
    notLogged = 0;
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
      const isLogged = logIfDue(failure);
      onLoginFailed?.({ ...failure, isLogged });
    },
    succeeded: (source, user) => {
      badPasswords.clearFailures(user.id);
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
