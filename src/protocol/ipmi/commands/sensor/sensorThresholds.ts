/** Get and Set Sensor Thresholds (IPMI 2.0 §35.8-9, table 35-9): read-only, as stated in the SDRs. */
import { toRaw } from "../../../../model/bmc/sensors/sensor.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { analogSensor, notForThisSensor } from "./findSensor.js";

const upperNonCritical = 0x08;
const upperCritical = 0x10;

interface Thresholds {
  readonly nonCritical: number;
  readonly critical: number;
}

export const getSensorThresholds = defineCommand<number, Thresholds | undefined>({
  netFn: netFn.sensorEvent,
  command: 0x27,
  name: "Get Sensor Thresholds",
  section: "35.9",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0);
  },
  run: (number, { bmc }) => {
    const { thresholds, scale } = analogSensor(number);
    const present = scale(bmc.sdr.sizes());
    return (
      thresholds && {
        nonCritical: toRaw(thresholds.nonCritical, present),
        critical: toRaw(thresholds.critical, present),
      }
    );
  },
  // Mask of the readable ones; then lower non-critical, critical, non-recoverable; then the upper ones.
  encode: (thresholds) =>
    Buffer.from(
      thresholds
        ? [upperNonCritical | upperCritical, 0, 0, 0, thresholds.nonCritical, thresholds.critical, 0]
        : [0, 0, 0, 0, 0, 0, 0],
    ),
});

export const setSensorThresholds = defineCommand<number>({
  netFn: netFn.sensorEvent,
  command: 0x26,
  name: "Set Sensor Thresholds",
  section: "35.8",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 8);
    return data.readUInt8(0);
  },
  run: (number) => {
    analogSensor(number);
    throw notForThisSensor(`the thresholds of sensor ${number} are fixed`);
  },
});
