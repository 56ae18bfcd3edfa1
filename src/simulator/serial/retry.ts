/** Tries something again and again: a connection that is lost, or that nobody accepted. */

export interface Retry {
  /** Tries again after a while; false: it is not to be tried any more. */
  readonly later: () => boolean;
  readonly stop: () => void;
}

export function createRetry(delayMs: () => number, attempt: () => void): Retry {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  return {
    later: () => {
      const delay = delayMs();
      if (isStopped || !Number.isFinite(delay)) {
        return false;
      }
      clearTimeout(timer);
      timer = setTimeout(attempt, delay);
      return true;
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
