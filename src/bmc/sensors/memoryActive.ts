import { sensorNumber } from "./sensorNumber.js";
import { entity, scaleFor, sensorType, unit, type AnalogSensor } from "./sensor.js";

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
