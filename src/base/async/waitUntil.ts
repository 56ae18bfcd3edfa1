/** Waits for a condition, driven by events instead of polling. */

export interface Waits {
  /** True once `predicate` holds, at once or after a later `check`; false after `timeoutMs`. */
  readonly until: (predicate: () => boolean, timeoutMs: number) => Promise<boolean>;
  /** Call after each change that may satisfy a predicate. */
  readonly check: () => void;
}

/** @param isBackground whether the process may exit during pending waits */
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
