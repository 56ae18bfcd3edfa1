/** The sensor of the disks' data rate (an analog sensor, IPMI 2.0 §36). */
import { type AnalogSensor, entity, sensorType, squareScale, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** Data read from and written to the VM's disks, up to 1.6 GB/s. */
export const diskRate: AnalogSensor = {
  kind: "analog",
  number: sensorNumber.diskRate,
  name: "Disk Rate",
  entity: entity.disk,
  type: sensorType.otherUnits,
  unit: { base: unit.kilobyte, isPerSecond: true },
  scale: () => squareScale(5),
  read: ({ diskUsageKbps }) => diskUsageKbps,
};
