/** Counts by name, and the way they travel: as what has been added since the last time, seldom, and never while nothing changes. */
export type Counts = Readonly<Record<string, number>>;

/** How long changes are gathered before they are told, ms. */
export const gatherMs = 5_000;

/** Upper bounds of the classes that durations are counted in, ms. */
export const durationBoundsMs: readonly number[] = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500];

/** The index of a duration's class; the last class holds what is longer than all bounds. */
export function durationClass(ms: number): number {
  const index = durationBoundsMs.findIndex((bound) => ms <= bound);
  return index < 0 ? durationBoundsMs.length : index;
}

/** Adds up what was told. */
export function addCounts(total: Map<string, number>, added: Counts): void {
  for (const [name, count] of Object.entries(added)) {
    total.set(name, (total.get(name) ?? 0) + count);
  }
}

export interface Gatherer {
  readonly add: (name: string, count?: number) => void;
  /** Tells once more in `ms` although nothing is counted. */
  readonly tellAgainIn: (ms: number) => void;
  readonly stop: () => void;
}

/** Gathers counts and tells them at most once per `everyMs`; without counts there is no timer and nothing to do. */
export function createGatherer(tell: (added: Counts) => void, everyMs = gatherMs): Gatherer {
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
        arm(everyMs);
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
