/** Timers that run when the test lets time pass. */
import type { Timers } from "../../src/model/bmc/timers.js";

export interface FakeTimers extends Timers {
  /** Milliseconds; moved by `pass`, or by the test without any timer running. */
  time: number;
  /** Lets time pass; timers that become due run in their order, each at its own moment. */
  readonly pass: (ms: number) => void;
}

export function createFakeTimers(start: number): FakeTimers {
  const pending = new Map<object, { readonly due: number; readonly action: () => void }>();
  const fake: FakeTimers = {
    time: start,
    now: () => fake.time,
    after: (delayMs, action) => {
      const key = {};
      pending.set(key, { due: fake.time + delayMs, action });
      return () => void pending.delete(key);
    },
    pass: (ms) => {
      const end = fake.time + ms;
      for (;;) {
        const next = [...pending].sort(([, a], [, b]) => a.due - b.due)[0];
        if (!next || next[1].due > end) {
          break;
        }
        pending.delete(next[0]);
        fake.time = next[1].due;
        next[1].action();
      }
      fake.time = end;
    },
  };
  return fake;
}
