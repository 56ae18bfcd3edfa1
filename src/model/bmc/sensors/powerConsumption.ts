/** The sensor of power consumption (an analog sensor, IPMI 2.0 §36). */
import { type AnalogSensor, entity, sensorType, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** The VM's share of its host's power, if the host measures it. */
export const powerConsumption: AnalogSensor = {
  kind: "analog",
  number: sensorNumber.powerConsumption,
  name: "Power",
  entity: entity.powerUnit,
  type: sensorType.otherUnits,
  unit: { base: unit.watt },
  scale: () => ({ linearization: "linear", m: 4, exponent: 0 }),
  read: ({ powerWatts }) => powerWatts,
};
