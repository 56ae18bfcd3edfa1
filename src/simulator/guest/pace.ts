/** Texts of the guest at the pace of a machine that starts. */

export interface Pace {
  readonly later: (delayMs: number, step: () => void) => void;
  /** The texts one after the other, evenly in `spanMs`, and then the next step. */
  readonly show: (lines: readonly string[], spanMs: number, then: () => void) => void;
  /** Whatever was to come does not. */
  readonly stop: () => void;
}

export function createPace(print: (lines: readonly string[]) => void): Pace {
  const timers = new Set<NodeJS.Timeout>();

  function later(delayMs: number, step: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      step();
    }, delayMs);
    timers.add(timer);
  }

  return {
    later,
    show: (lines, spanMs, then) => {
      const pauseMs = spanMs / Math.max(lines.length, 1);
      const step = (index: number): void => {
        const line = lines[index];
        if (line === undefined) {
          then();
          return;
        }
        print([line]);
        later(pauseMs, () => step(index + 1));
      };
      step(0);
    },
    stop: () => {
      timers.forEach((timer) => clearTimeout(timer));
      timers.clear();
    },
  };
}
