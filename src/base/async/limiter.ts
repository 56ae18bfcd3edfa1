/** Limits how many jobs run at the same time. */

export interface Limiter {
  /** Runs `job` when there is room, in the order of the calls; its place is free again when its promise settles. */
  readonly run: <T>(job: () => Promise<T>) => Promise<T>;
}

export function createLimiter(maxRunning: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];

  /** The place passes to the next job directly, so that no newcomer can take it in between. */
  function release(): void {
    const next = waiting.shift();
    if (next) {
      next();
    } else {
      running--;
    }
  }

  return {
    run: async (job) => {
      if (running < maxRunning) {
        running++;
      } else {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      try {
        return await job();
      } finally {
        release();
      }
    },
  };
}
