/** The sensor of CPU usage in percent (an analog sensor, IPMI 2.0 §36). */
import { type AnalogSensor, entity, sensorType, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** CPU time used, relative to the capacity of the VM's virtual CPUs, in steps of half a percent. */
export const cpuUsage: AnalogSensor = {
  kind: "analog",
  number: sensorNumber.cpuUsage,
  name: "CPU Usage",
  entity: entity.processor,
  type: sensorType.otherUnits,
  unit: { base: unit.none, isPercent: true },
  scale: () => ({ linearization: "linear", m: 5, exponent: -1 }),
  read: ({ cpuUsageMhz }, { cpuCapacityMhz }) =>
    cpuUsageMhz === undefined || !cpuCapacityMhz ? undefined : (cpuUsageMhz / cpuCapacityMhz) * 100,
  thresholds: { nonCritical: 90, critical: 98 },
};
