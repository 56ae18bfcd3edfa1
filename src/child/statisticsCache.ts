/** Live statistics, asked for when somebody wants them and good for some seconds: nobody asks, nothing is asked. */
import type { MachineStatistics } from "../machine/statistics.js";

/** vCenter's own values are 20 s old: asking more often gives the same, ms. */
const lifetimeMs = 10_000;
/** Nor is a vCenter that fails asked by every reading, ms. */
const failureLifetimeMs = 3_000;

export interface StatisticsCache {
  readonly get: () => Promise<MachineStatistics>;
  /** What is known is no longer true: the VM was switched on or off. */
  readonly forget: () => void;
}

export function createStatisticsCache(read: () => Promise<MachineStatistics>, now: () => number): StatisticsCache {
  let entry: { readonly result: Promise<MachineStatistics>; until: number } | undefined;

  return {
    get: () => {
      if (entry && now() < entry.until) {
        return entry.result;
      }
      // While the question is under way, all who ask wait for its one answer.
      const own = { result: read(), until: Infinity };
      entry = own;
      own.result.then(
        () => (own.until = now() + lifetimeMs),
        () => (own.until = now() + failureLifetimeMs),
      );
      return own.result;
    },
    forget: () => {
      entry = undefined;
    },
  };
}
