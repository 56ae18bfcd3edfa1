/** Waits for a condition that changes with events, not with polling. */

export interface Waits {
  /** True once `predicate` holds, at once or after a later `check`; false after `timeoutMs`. */
  readonly until: (predicate: () => boolean, timeoutMs: number) => Promise<boolean>;
  /** To be called after each change that may fulfil a predicate. */
  readonly check: () => void;
}

/** @param isBackground whether pending waits let the process end */
export function createWaits(isBackground = false): Waits {
  const pending = new Set<() => void>();

  return {
    until: (predicate, timeoutMs) =>
      new Promise((resolve) => {
        const finish = (outcome: boolean): void => {
          clearTimeout(timer);
          pending.delete(check);
          resolve(outcome);
        };
        const check = (): void => {
          if (predicate()) {
            finish(true);
          }
        };
        const timer = setTimeout(() => finish(false), timeoutMs);
        if (isBackground) {
          timer.unref();
        }
        pending.add(check);
        check();
      }),
    check: () => pending.forEach((check) => check()),
  };
}
