/** The definition of a sensor: its description in the SDR (IPMI 2.0 chapter 43), and its value. */
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { MachineStatistics } from "../../machine/statistics.js";
import type { Sel } from "../../sel/sel.js";
import type { Watchdog } from "../power/watchdog.js";

interface Described {
  readonly number: number;
  /** Up to 16 bytes of ASCII. */
  readonly name: string;
  /** Table 43-13. */
  readonly entity: number;
  /** Table 42-3. */
  readonly type: number;
}

/** The inputs of values that do not require a query to vSphere. */
export interface KnownState {
  /** undefined while it is stale. */
  readonly snapshot: MachineSnapshot | undefined;
  readonly sel: Pick<Sel, "count">;
  readonly watchdog: Pick<Watchdog, "state">;
}

/** An event/reading type other than 01h: up to 15 states. */
export interface DiscreteSensor extends Described {
  readonly kind: "discrete";
  /** Table 42-1. */
  readonly eventType: number;
  /** Bits of its possible states. */
  readonly states: number;
  /** Bits of the states whose assertion and deassertion is recorded in the SEL. */
  readonly events: { readonly assertion: number; readonly deassertion: number };
  /** Bits of the current states; undefined if unknown. */
  readonly read: (known: KnownState) => number | undefined;
}

/**
 * A threshold sensor of 8 bits, from 0 upwards. Its values are live statistics, which do not exist while the VM is off.
 */
export interface AnalogSensor extends Described {
  readonly kind: "analog";
  readonly unit: Unit;
  readonly scale: (sizes: MachineSizes) => Scale;
  /** Value in the unit; undefined if vSphere does not report it. `now` is ms since the epoch. */
  readonly read: (statistics: MachineStatistics, snapshot: MachineSnapshot, now: number) => number | undefined;
  /** Upper thresholds, in the unit. */
  readonly thresholds?: { readonly nonCritical: number; readonly critical: number };
}

/** Has events, but no reading. */
export interface EventSensor extends Described {
  readonly kind: "events";
  readonly eventType: number;
}

export type Sensor = DiscreteSensor | AnalogSensor | EventSensor;

export interface Unit {
  /** Table 43-15. */
  readonly base: number;
  readonly isPercent?: boolean;
  readonly isPerSecond?: boolean;
}

/** value = L(M × raw) × 10^exponent, with L linear or the square (§36.3). */
export interface Scale {
  readonly linearization: "linear" | "square";
  /** 1-511. */
  readonly m: number;
  /** -8 to 7. */
  readonly exponent: number;
}

/** The machine's sizes as far as known: they determine the scales. */
export interface MachineSizes {
  readonly cpuCapacityMhz: number;
  readonly memorySizeMb: number;
}

export const entity = {
  processor: 0x03,
  disk: 0x04,
  systemManagementModule: 0x06,
  systemBoard: 0x07,
  memory: 0x08,
  powerUnit: 0x13,
  systemChassis: 0x17,
  managementSoftware: 0x21,
  operatingSystem: 0x23,
  network: 0x0b,
} as const;
export const unit = { none: 0, watt: 6, hertz: 19, hour: 24, kilobyte: 71, megabyte: 72 } as const;
export const sensorType = {
  powerUnit: 0x09,
  otherUnits: 0x0b,
  eventLoggingDisabled: 0x10,
  criticalInterrupt: 0x13,
  microcontroller: 0x16,
  systemRestart: 0x1d,
  operatingSystemBoot: 0x1f,
  acpiPowerState: 0x22,
  watchdog2: 0x23,
  managementHealth: 0x28,
  sessionAudit: 0x2a,
} as const;

const largest = 0xff;

/** M and the decimal exponent for the finest step: M has 9 bits. */
const steps: readonly (readonly [number, number])[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((m): readonly [number, number] => [m, 0]),
  ...[100, 200, 500].map((m): readonly [number, number] => [m, 1]),
];
const maxStep = [500, 1] as const;

/**
 * The finest of 1, 2, 5, 10, 20 … units per step with which 255 steps reach `maximum`; `exponent` is that of the unit.
 */
export function scaleFor(maximum: number, exponent = 0): Scale {
  const isEnough = ([m, decades]: readonly [number, number]): boolean => largest * m * 10 ** decades >= maximum;
  const [m, decades] = steps.find(isEnough) ?? maxStep;
  return { linearization: "linear", m, exponent: exponent + decades };
}

/** Wide ranges: steps that grow with the value, up to 65,025 × m² units. */
export function squareScale(m: number): Scale {
  return { linearization: "square", m, exponent: 0 };
}

/** The raw reading nearest to a value; values off the scale are clamped. */
export function toRaw(value: number, { linearization, m, exponent }: Scale): number {
  const scaled = value / 10 ** exponent;
  const count = (linearization === "square" ? Math.sqrt(scaled) : scaled) / m;
  return Math.max(0, Math.min(Math.round(count), largest));
}
