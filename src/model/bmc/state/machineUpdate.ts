/** A report of the machine's state with the one before it, for listeners that act on changes. */
import type { MachineSnapshot } from "../../machine/snapshot.js";
import type { PowerTransition } from "../power/attribution.js";

export interface MachineUpdate {
  readonly snapshot: MachineSnapshot;
  /** undefined with the first report since the BMC started. */
  readonly previous: MachineSnapshot | undefined;
  /** The machine was powered on or off. */
  readonly transition: PowerTransition | undefined;
}

export function isOn(snapshot: MachineSnapshot | undefined): boolean {
  return snapshot?.powerState === "poweredOn";
}
