/** The sensor of the host memory used (an analog sensor, IPMI 2.0 §36). */
import { type AnalogSensor, entity, scaleFor, sensorType, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** Overhead of the VM in addition to its memory. */
const overhead = 1.1;

/** Host memory used by the VM. */
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
