/** The VM's power as DCMI tells it (DCMI 1.5 §6.6.1): from the readings requested since the BMC started. */
export interface PowerStatistics {
  /** Watts. */
  readonly current: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly average: number;
  /** Time over which the readings were taken. */
  readonly periodMs: number;
}

export interface PowerMeter {
  /** undefined while it is not measured: the VM is off, its host does not, or vCenter is away. */
  readonly read: () => Promise<PowerStatistics | undefined>;
  /** Whether it was measured when it was asked for last. */
  readonly isMeasured: () => boolean;
}

/** `watts` is the present power; `now` is in milliseconds. */
export function createPowerMeter(watts: () => Promise<number | undefined>, now: () => number): PowerMeter {
  let isMeasured = false;
  let startedAt: number | undefined;
  let count = 0;
  let sum = 0;
  let minimum = Infinity;
  let maximum = 0;

  return {
    isMeasured: () => isMeasured,
    read: async () => {
      const current = await watts();
      isMeasured = current !== undefined;
      if (current === undefined) {
        return undefined;
      }
      startedAt ??= now();
      count++;
      sum += current;
      minimum = Math.min(minimum, current);
      maximum = Math.max(maximum, current);
      return { current, minimum, maximum, average: sum / count, periodMs: now() - startedAt };
    },
  };
}
