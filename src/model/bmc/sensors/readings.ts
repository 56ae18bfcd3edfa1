/** The current values of sensors. Live statistics are requested when a sensor that needs them is read. */
import type { Machine } from "../../machine/machine.js";
import type { SdrRepository } from "../sdr/repository.js";
import { type AnalogSensor, type KnownState, type Sensor, toRaw } from "./sensor.js";

export type Reading =
  | {
      readonly kind: "analog";
      readonly raw: number;
      readonly isAboveNonCritical: boolean;
      readonly isAboveCritical: boolean;
    }
  | { readonly kind: "discrete"; readonly states: number }
  /** Unknown: the VM is off, vSphere does not report it, or vCenter is unreachable. */
  | { readonly kind: "unavailable" };

export interface Readings {
  readonly read: (sensor: Sensor) => Reading | Promise<Reading>;
  /** The same in the sensor's unit. */
  readonly value: (sensor: AnalogSensor) => Promise<number | undefined>;
}

export interface ReadingsOptions extends Omit<KnownState, "snapshot"> {
  readonly machine: Pick<Machine, "snapshot" | "statistics">;
  readonly repository: Pick<SdrRepository, "sizes">;
  /** ms since the epoch. */
  readonly now: () => number;
}

const unavailable: Reading = { kind: "unavailable" };

export function createReadings({ machine, repository, sel, watchdog, now }: ReadingsOptions): Readings {
  async function value(sensor: AnalogSensor): Promise<number | undefined> {
    const snapshot = machine.snapshot();
    if (snapshot?.powerState !== "poweredOn") {
      return undefined;
    }
    const statistics = await machine.statistics().catch(() => undefined);
    return statistics && sensor.read(statistics, snapshot, now());
  }

  async function readAnalog(sensor: AnalogSensor): Promise<Reading> {
    const present = await value(sensor);
    if (present === undefined) {
      return unavailable;
    }
    const scale = sensor.scale(repository.sizes());
    const raw = toRaw(present, scale);
    const isAtLeast = (threshold: number | undefined): boolean =>
      threshold !== undefined && raw >= toRaw(threshold, scale);
    return {
      kind: "analog",
      raw,
      isAboveNonCritical: isAtLeast(sensor.thresholds?.nonCritical),
      isAboveCritical: isAtLeast(sensor.thresholds?.critical),
    };
  }

  return {
    value,
    read: (sensor) => {
      switch (sensor.kind) {
        case "analog":
          return readAnalog(sensor);
        case "discrete": {
          const states = sensor.read({ snapshot: machine.snapshot(), sel, watchdog });
          return states === undefined ? unavailable : { kind: "discrete", states };
        }
        case "events":
          return unavailable;
      }
    },
  };
}
