/** ACPI power state (IPMI 2.0 §20.6-7): vSphere knows on from off, and software may tell what kind of "on" it is. */
import type { MachineSnapshot } from "../../machine/snapshot.js";

export interface AcpiState {
  /** System power state enumeration; `snapshot` is what is known of the machine now. */
  readonly systemState: (snapshot: MachineSnapshot | undefined) => number;
  readonly deviceState: () => number;
  /** undefined leaves a state as it is. */
  readonly set: (system: number | undefined, device: number | undefined) => void;
  /** The software that told its state runs no more. */
  readonly forget: () => void;
}

const working = 0x00;
const suspendedToDisk = 0x04;
const softOff = 0x05;
const unknown = 0x2a;
const deviceOn = 0x00;

export function createAcpiState(): AcpiState {
  let told = working;
  let device = deviceOn;
  return {
    systemState: (snapshot) => {
      switch (snapshot?.powerState) {
        case "poweredOn":
          return told;
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
      told = system ?? told;
      device = newDevice ?? device;
    },
    forget: () => {
      told = working;
      device = deviceOn;
    },
  };
}
