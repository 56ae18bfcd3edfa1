/** The timers of one BMC: none fires once the BMC is closed. */
import type { Timers } from "../../model/bmc/timers.js";

export interface ClosableTimers extends Timers {
  readonly close: () => void;
}

/** `onFault` gets the error of an action that throws; other BMCs are unaffected. */
export function createTimers(onFault: (error: unknown) => void): ClosableTimers {
  const running = new Set<NodeJS.Timeout>();
  return {
    now: Date.now,
    after: (delayMs, action) => {
      const timer = setTimeout(() => {
        running.delete(timer);
        try {
          action();
        } catch (error) {
          onFault(error);
        }
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
