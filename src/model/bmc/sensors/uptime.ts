/** The sensor of the time since the power-on (an analog sensor, IPMI 2.0 §36). */
import { secondsOn } from "../power/uptime.js";
import { type AnalogSensor, entity, sensorType, squareScale, unit } from "./sensor.js";
import { sensorNumber } from "./sensorNumber.js";

/** Time since the VM was powered on: hours to years, so the steps grow. */
export const uptime: AnalogSensor = {
  kind: "analog",
  number: sensorNumber.uptime,
  name: "Uptime",
  entity: entity.systemBoard,
  type: sensorType.otherUnits,
  unit: { base: unit.hour },
  scale: () => squareScale(1),
  read: (statistics, snapshot, now) => {
    const seconds = secondsOn(snapshot, statistics, now);
    return seconds === undefined ? undefined : seconds / 3_600;
  },
};
