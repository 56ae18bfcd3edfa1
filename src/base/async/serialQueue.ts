/** Runs jobs one after the other, in the order of the calls; a job that fails does not stop the next one. */

export interface SerialQueue {
  /** Settles like the job. */
  readonly run: <T>(job: () => T | Promise<T>) => Promise<T>;
  /** Resolves when every job so far has ended, whether it succeeded or failed. */
  readonly settled: () => Promise<void>;
}

const nothingBefore = Promise.resolve();

export function createSerialQueue(): SerialQueue {
  let last: Promise<void> = nothingBefore;
  return {
    run: (job) => {
      const turn = last.then(job);
      last = turn.then(ignore, ignore);
      return turn;
    },
    settled: () => last,
  };
}

export interface KeyedQueue {
  /** Jobs with the same key run one after the other; others do not wait for them. */
  readonly run: <T>(key: string, job: () => T | Promise<T>) => Promise<T>;
  /** Resolves when every job so far has ended. */
  readonly settled: () => Promise<void>;
}

/** One serial queue per key, forgotten when it is empty. */
export function createKeyedQueue(): KeyedQueue {
  const queues = new Map<string, { readonly queue: SerialQueue; pending: number }>();
  return {
    run: async (key, job) => {
      const entry = queues.get(key) ?? { queue: createSerialQueue(), pending: 0 };
      queues.set(key, entry);
      entry.pending++;
      try {
        return await entry.queue.run(job);
      } finally {
        entry.pending--;
        if (entry.pending === 0) {
          queues.delete(key);
        }
      }
    },
    settled: async () => {
      await Promise.all([...queues.values()].map(({ queue }) => queue.settled()));
    },
  };
}

function ignore(): void {
  // The caller has the outcome; the queue only waits for it.
}
