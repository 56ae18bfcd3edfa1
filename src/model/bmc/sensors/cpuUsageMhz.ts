/** The sensor of CPU usage as a clock rate (an analog sensor, IPMI 2.0 §36). */
import { type AnalogSensor, entity, scaleFor, sensorType, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

const megahertzExponent = 6;
/** Processors may exceed the clock rate in which the capacity is measured. */
const turbo = 1.25;

/** CPU time used, as a clock rate. */
export const cpuUsageMhz: AnalogSensor = {
  kind: "analog",
  number: sensorNumber.cpuUsageMhz,
  name: "CPU Rate",
  entity: entity.processor,
  type: sensorType.otherUnits,
  unit: { base: unit.hertz },
  scale: ({ cpuCapacityMhz }) => scaleFor(cpuCapacityMhz * turbo, megahertzExponent),
  read: (statistics) =>
    statistics.cpuUsageMhz === undefined ? undefined : statistics.cpuUsageMhz * 10 ** megahertzExponent,
};
