/** The timers of one BMC: none of them acts once the BMC is gone. */
import type { Timers } from "../bmc/timers.js";

export interface ClosableTimers extends Timers {
  readonly close: () => void;
}

export function createTimers(): ClosableTimers {
  const running = new Set<NodeJS.Timeout>();
  return {
    now: Date.now,
    after: (delayMs, action) => {
      const timer = setTimeout(() => {
        running.delete(timer);
        action();
      }, delayMs);
      running.add(timer);
      return () => {
        running.delete(timer);
        clearTimeout(timer);
      };
    },
    close: () => {
      running.forEach((timer) => clearTimeout(timer));
      running.clear();
    },
  };
}
