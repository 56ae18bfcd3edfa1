/** The sensor of the network adapters' data rate (an analog sensor, IPMI 2.0 §36). */
import { type AnalogSensor, entity, sensorType, squareScale, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** Data received and sent by the VM's network adapters, up to 1.6 GB/s. */
export const networkRate: AnalogSensor = {
  kind: "analog",
  number: sensorNumber.networkRate,
  name: "Network Rate",
  entity: entity.network,
  type: sensorType.otherUnits,
  unit: { base: unit.kilobyte, isPerSecond: true },
  scale: () => squareScale(5),
  read: ({ networkUsageKbps }) => networkUsageKbps,
};
