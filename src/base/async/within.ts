/** Limits the wait for a promise. */

/** Settles as `work` does; after `timeoutMs` it rejects with `timeoutError`, and the outcome of `work` is ignored. */
export function within<T>(work: Promise<T>, timeoutMs: number, timeoutError: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(timeoutError()), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Whether `work` has settled, well or badly, within `timeoutMs`; never rejects. */
export function settledWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(settle, settle);
  });
}
