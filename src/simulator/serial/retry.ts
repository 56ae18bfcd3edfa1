/** Retries something repeatedly: a connection that is lost or was refused. */

export interface Retry {
  /** Retries after a while; false: no more retries. */
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
