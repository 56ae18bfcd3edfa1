/** BMCs that a child was asked to stop, until it confirms that. */

/** How long a child may take to stop one of its BMCs, ms. */
const withdrawTimeoutMs = 2000;

export interface Withdrawals {
  /** Resolves when the child has stopped the BMC, or has ended. */
  readonly expect: (name: string) => Promise<void>;
  readonly settle: (name: string) => void;
  readonly settleAll: () => void;
}

/** @param onLate the child has not stopped this BMC */
export function createWithdrawals(onLate: (name: string) => void): Withdrawals {
  const pending = new Map<string, () => void>();

  function settle(name: string): void {
    pending.get(name)?.();
    pending.delete(name);
  }

  return {
    expect: (name) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => onLate(name), withdrawTimeoutMs);
        pending.set(name, () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    settle,
    settleAll: () => [...pending.keys()].forEach(settle),
  };
}
