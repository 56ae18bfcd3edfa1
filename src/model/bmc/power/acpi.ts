/** ACPI power state (IPMI 2.0 §20.6-7): vSphere distinguishes on and off, and software may report the kind of "on". */
import type { MachineSnapshot } from "../../machine/snapshot.js";

export interface AcpiState {
  /** System power state enumeration; `snapshot` is the current state of the machine. */
  readonly systemState: (snapshot: MachineSnapshot | undefined) => number;
  readonly deviceState: () => number;
  /** undefined leaves a state unchanged. */
  readonly set: (system: number | undefined, device: number | undefined) => void;
  /** The software that reported its state has stopped. */
  readonly forget: () => void;
}

const working = 0x00;
const suspendedToDisk = 0x04;
const softOff = 0x05;
const unknown = 0x2a;
const deviceOn = 0x00;

export function createAcpiState(): AcpiState {
  let reported = working;
  let device = deviceOn;
  return {
    systemState: (snapshot) => {
      switch (snapshot?.powerState) {
        case "poweredOn":
          return reported;
        case "poweredOff":
          return softOff;
        case "suspended":
          return suspendedToDisk;
        case undefined:
          return unknown;
      }
    },
    deviceState: () => device,
    set: (system, newDevice) => {
      reported = system ?? reported;
      device = newDevice ?? device;
    },
    forget: () => {
      reported = working;
      device = deviceOn;
    },
  };
}
