import { type AnalogSensor, entity, scaleFor, sensorType, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** What the VM needs beside its memory itself. */
const overhead = 1.1;

/** The host's memory that the VM occupies. */
export const memoryConsumed: AnalogSensor = {
  kind: "analog",
  number: sensorNumber.memoryConsumed,
  name: "Memory Consumed",
  entity: entity.memory,
  type: sensorType.otherUnits,
  unit: { base: unit.megabyte },
  scale: ({ memorySizeMb }) => scaleFor(memorySizeMb * overhead),
  read: ({ hostMemoryUsageMb }) => hostMemoryUsageMb,
};
