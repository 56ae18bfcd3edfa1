/** Waits that can be ended early. */

export interface Pause {
  /** Resolves at the next `end`, or after `timeMs`; Infinity: at the next `end` only. */
  readonly wait: (timeMs?: number) => Promise<void>;
  /** Ends the last wait; without one it does nothing. */
  readonly end: () => void;
}

export function createPause(): Pause {
  let onEnd: (() => void) | undefined;
  return {
    wait: (timeMs = Infinity) =>
      new Promise((resolve) => {
        const timer = Number.isFinite(timeMs) ? setTimeout(resolve, timeMs) : undefined;
        onEnd = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    end: () => onEnd?.(),
  };
}
