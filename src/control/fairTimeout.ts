/** A timeout that counts only time in which this process could run. */

/** How often the time is counted, ms. */
const sliceMs = 50;
/** On an overloaded host, the timeout grows to at most this multiple. */
const maxFactor = 4;

export interface FairTimeout {
  /** Resolves when the time is up and everything that had arrived by then has been handled. */
  readonly due: Promise<void>;
  readonly isDue: () => boolean;
  readonly end: () => void;
}

/**
 * With two hundred clients on two processors, most of a client's timeout passes before it, or the thread that reads its
 * reply, has run at all. So each slice counts as `sliceMs`, however late its timer fires.
 */
export function createFairTimeout(timeoutMs: number): FairTimeout {
  const startedAt = performance.now();
  let leftMs = timeoutMs;
  let isDue = false;
  let timer: NodeJS.Timeout;
  let settle = (): void => undefined;
  const due = new Promise<void>((resolve) => (settle = resolve));
  const count = (): void => {
    const slice = Math.min(sliceMs, leftMs);
    timer = setTimeout(() => {
      leftMs -= slice;
      if (leftMs > 0 && performance.now() - startedAt < maxFactor * timeoutMs) {
        count();
        return;
      }
      // Timers run before received data is handled: handle that first.
      setImmediate(() => {
        isDue = true;
        settle();
      });
    }, slice);
  };
  count();
  return { due, isDue: () => isDue, end: () => clearTimeout(timer) };
}
