/** The sensor of the power unit (IPMI 2.0 table 42-3, type 09h). */
import { sensorSpecific } from "../../sel/systemEvent.js";
import { type DiscreteSensor, entity, sensorType } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

const powerOff = 0x01;
const powerCycle = 0x02;
const softPowerControlFailure = 0x20;

/** Power Unit (table 42-3, 09h): its state is "power off" while the VM does not run. */
export const powerUnit: DiscreteSensor = {
  kind: "discrete",
  number: sensorNumber.powerUnit,
  name: "Power Unit",
  entity: entity.powerUnit,
  type: sensorType.powerUnit,
  eventType: sensorSpecific,
  states: powerOff,
  events: { assertion: powerOff | powerCycle | softPowerControlFailure, deassertion: powerOff },
  read: ({ snapshot }) => snapshot && (snapshot.powerState === "poweredOn" ? 0 : powerOff),
};
