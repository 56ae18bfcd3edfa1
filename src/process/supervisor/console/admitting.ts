/** Admissions that the console process has not confirmed yet. */

const timeoutMs = 3_000;

export interface Admitting {
  /** Resolves with why not, or undefined once the key is known. */
  readonly ask: (send: (id: number) => void) => Promise<string | undefined>;
  readonly settle: (id: number, fault: string | undefined) => void;
  readonly failAll: (fault: string) => void;
}

export function createAdmitting(): Admitting {
  const waiting = new Map<number, (fault: string | undefined) => void>();
  let lastId = 0;
  return {
    ask: (send) =>
      new Promise((resolve) => {
        const id = ++lastId;
        const settle = (fault: string | undefined): void => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(fault);
        };
        const timer = setTimeout(() => settle("the console process does not answer: try again"), timeoutMs);
        waiting.set(id, settle);
        send(id);
      }),
    settle: (id, fault) => waiting.get(id)?.(fault),
    failAll: (fault) => [...waiting.values()].forEach((settle) => settle(fault)),
  };
}
