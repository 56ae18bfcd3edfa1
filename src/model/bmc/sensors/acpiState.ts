/** The sensor of the System ACPI Power State (IPMI 2.0 table 42-3, type 22h). */
import type { PowerState } from "../../machine/snapshot.js";
import { sensorSpecific } from "../../sel/systemEvent.js";
import { type DiscreteSensor, entity, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** Offsets 0, 4 and 5: S0 working, S4 suspended to disk, S5 soft off. */
const states: Readonly<Record<PowerState, number>> = { poweredOn: 0x01, suspended: 0x10, poweredOff: 0x20 };

/** System ACPI Power State (table 42-3, 22h). */
export const acpiState: DiscreteSensor = {
  kind: "discrete",
  number: sensorNumber.acpiState,
  name: "ACPI State",
  entity: entity.systemBoard,
  type: sensorType.acpiPowerState,
  eventType: sensorSpecific,
  states: 0x31,
  events: { assertion: 0, deassertion: 0 },
  read: ({ snapshot }) => snapshot && states[snapshot.powerState],
};
