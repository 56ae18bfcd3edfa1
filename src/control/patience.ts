/** A bound that counts only time in which this process could run. */

/** How often the time is counted, ms. */
const sliceMs = 50;
/** On a machine without a processor for us the bound grows to this multiple, no further. */
const longestFactor = 4;

export interface Patience {
  /** Resolves when the time is up; what had arrived by then has been handled. */
  readonly due: Promise<void>;
  readonly isDue: () => boolean;
  readonly end: () => void;
}

/**
 * Where two hundred clients share two processors, most of a client's wait passes before it, or the thread that reads its
 * reply, has run at all: each slice counts as `sliceMs`, however late its timer comes.
 */
export function createPatience(boundMs: number): Patience {
  const startedAt = performance.now();
  let leftMs = boundMs;
  let isDue = false;
  let timer: NodeJS.Timeout;
  let settle = (): void => undefined;
  const due = new Promise<void>((resolve) => (settle = resolve));
  const count = (): void => {
    const slice = Math.min(sliceMs, leftMs);
    timer = setTimeout(() => {
      leftMs -= slice;
      if (leftMs > 0 && performance.now() - startedAt < longestFactor * boundMs) {
        count();
        return;
      }
      // Timers come before what sockets have received: that is looked at first.
      setImmediate(() => {
        isDue = true;
        settle();
      });
    }, slice);
  };
  count();
  return { due, isDue: () => isDue, end: () => clearTimeout(timer) };
}
