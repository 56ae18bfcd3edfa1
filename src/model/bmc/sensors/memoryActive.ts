/** The sensor of the memory in active use (an analog sensor, IPMI 2.0 §36). */
import { type AnalogSensor, entity, scaleFor, sensorType, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** Memory that the guest uses actively. */
export const memoryActive: AnalogSensor = {
  kind: "analog",
  number: sensorNumber.memoryActive,
  name: "Memory Active",
  entity: entity.memory,
  type: sensorType.otherUnits,
  unit: { base: unit.megabyte },
  scale: ({ memorySizeMb }) => scaleFor(memorySizeMb),
  read: ({ guestMemoryUsageMb }) => guestMemoryUsageMb,
};
