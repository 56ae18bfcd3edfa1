/** The VM's power as reported by DCMI (DCMI 1.5 §6.6.1): from the readings requested since the BMC started. */
export interface PowerStatistics {
  /** Watts. */
  readonly current: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly average: number;
  /** Time span of the readings. */
  readonly periodMs: number;
}

export interface PowerMeter {
  /** undefined while it is not measured: the VM is off, its host has no sensor, or vCenter is unreachable. */
  readonly read: () => Promise<PowerStatistics | undefined>;
  /** Whether the last reading had a value. */
  readonly isMeasured: () => boolean;
}

/** `watts` is the current power; `now` is in milliseconds. */
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
