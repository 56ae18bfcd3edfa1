/** Get and Set Sensor Type (IPMI 2.0 §35.15-16). */
import type { Sensor } from "../../../../model/bmc/sensors/sensor.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { notForThisSensor, sensorWithNumber } from "./findSensor.js";

/** Event/reading type of threshold sensors. */
const threshold = 0x01;

export const getSensorType = defineCommand<number, Sensor>({
  netFn: netFn.sensorEvent,
  command: 0x2f,
  name: "Get Sensor Type",
  section: "35.16",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0);
  },
  run: sensorWithNumber,
  encode: (sensor) => Buffer.from([sensor.type, sensor.kind === "analog" ? threshold : sensor.eventType]),
});

export const setSensorType = defineCommand<number>({
  netFn: netFn.sensorEvent,
  command: 0x2e,
  name: "Set Sensor Type",
  section: "35.15",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 3);
    return data.readUInt8(0);
  },
  run: (number) => {
    sensorWithNumber(number);
    throw notForThisSensor(`the type of sensor ${number} is fixed`);
  },
});
