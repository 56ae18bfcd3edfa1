import { sensorNumber } from "./sensorNumber.js";
import { entity, sensorType, squareScale, unit, type AnalogSensor } from "./sensor.js";

/** What is read from and written to the VM's disks, up to 1.6 GB/s. */
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
