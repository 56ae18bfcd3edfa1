/** A few timers that are told apart by name; each runs out once. */
import type { Timers } from "../../../model/bmc/timers.js";

export interface NamedTimers<Name extends string> {
  /** One that runs out earlier is left alone: `action` looks whether it is time. */
  readonly arm: (name: Name, delayMs: number, action: () => void) => void;
  readonly close: () => void;
}

export function createNamedTimers<Name extends string>(timers: Timers): NamedTimers<Name> {
  const running = new Map<Name, { readonly at: number; readonly cancel: () => void }>();
  return {
    arm: (name, delayMs, action) => {
      const at = timers.now() + Math.max(delayMs, 1);
      const earlier = running.get(name);
      if (earlier && earlier.at <= at) {
        return;
      }
      earlier?.cancel();
      const cancel = timers.after(at - timers.now(), () => {
        running.delete(name);
        action();
      });
      running.set(name, { at, cancel });
    },
    close: () => running.forEach(({ cancel }) => cancel()),
  };
}
