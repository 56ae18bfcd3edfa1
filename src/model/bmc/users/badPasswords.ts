/** Users that are disabled for a while after bad passwords (IPMI 2.0 table 23-4, parameter 26). */
export interface BadPasswordPolicy {
  /** Bad passwords in a row before a user is disabled; 0: no limit. */
  readonly threshold: number;
  /** Time after the last bad password until the count is reset, seconds; 0: only a correct one resets it. */
  readonly countResetSeconds: number;
  /** How long the user stays disabled, seconds; 0: until Set User Access enables it, or a restart. */
  readonly lockoutSeconds: number;
}

export interface BadPasswords {
  readonly policy: BadPasswordPolicy;
  /** `now` is in milliseconds, here and below. */
  readonly isDisabled: (userId: number, now: number) => boolean;
  /** Counts a bad password; true if it is the one that disables the user. */
  readonly count: (userId: number, now: number) => boolean;
  /** The user gave a correct password, or was enabled by Set User Access. */
  readonly clearFailures: (userId: number) => void;
}

interface Record {
  count: number;
  last: number;
  isDisabled: boolean;
}

export function createBadPasswords(policy: BadPasswordPolicy): BadPasswords {
  const { threshold, countResetSeconds, lockoutSeconds } = policy;
  /** By user ID, so limited by the number of users. */
  const records = new Map<number, Record>();

  /** The count that is still valid. */
  function recordOf(userId: number, now: number): Record | undefined {
    const record = records.get(userId);
    const lifetimeSeconds = record?.isDisabled ? lockoutSeconds : countResetSeconds;
    if (!record || lifetimeSeconds === 0 || now - record.last < lifetimeSeconds * 1_000) {
      return record;
    }
    records.delete(userId);
    return undefined;
  }

  return {
    policy,
    isDisabled: (userId, now) => recordOf(userId, now)?.isDisabled ?? false,
    count: (userId, now) => {
      const before = recordOf(userId, now);
      if (threshold === 0 || before?.isDisabled) {
        return false;
      }
      const count = (before?.count ?? 0) + 1;
      records.set(userId, { count, last: now, isDisabled: count >= threshold });
      return count >= threshold;
    },
    clearFailures: (userId) => void records.delete(userId),
  };
}
