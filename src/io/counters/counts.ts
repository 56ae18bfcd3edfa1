/** Counters by name, sent between processes as increments: rarely, and never while nothing changes. */
export type Counts = Readonly<Record<string, number>>;

/** How long changes are collected before they are reported, ms. */
export const gatherMs = 5_000;

/** Upper bounds of the histogram's buckets for durations, ms. */
export const durationBoundsMs: readonly number[] = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500];

/** The index of a duration's bucket; the last bucket holds durations above all bounds. */
export function durationClass(ms: number): number {
  const index = durationBoundsMs.findIndex((bound) => ms <= bound);
  return index < 0 ? durationBoundsMs.length : index;
}

/** Adds reported increments to totals. */
export function addCounts(total: Map<string, number>, added: Counts): void {
  for (const [name, count] of Object.entries(added)) {
    total.set(name, (total.get(name) ?? 0) + count);
  }
}

export interface Gatherer {
  readonly add: (name: string, count?: number) => void;
  /** Reports once more after `ms` even if nothing was counted. */
  readonly tellAgainIn: (ms: number) => void;
  readonly stop: () => void;
}

/** Collects counts and reports them at most once per `intervalMs`; without counts no timer runs. */
export function createGatherer(tell: (added: Counts) => void, intervalMs = gatherMs): Gatherer {
  let gathered: Record<string, number> = {};
  let timer: NodeJS.Timeout | undefined;
  let isGathering = false;

  function arm(ms: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const added = gathered;
      gathered = {};
      isGathering = false;
      tell(added);
    }, ms);
    timer.unref();
  }

  return {
    add: (name, count = 1) => {
      gathered[name] = (gathered[name] ?? 0) + count;
      if (!isGathering) {
        isGathering = true;
        arm(intervalMs);
      }
    },
    tellAgainIn: (ms) => {
      if (!isGathering) {
        arm(ms);
      }
    },
    stop: () => clearTimeout(timer),
  };
}
