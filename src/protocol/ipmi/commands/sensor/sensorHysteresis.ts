/** Get and Set Sensor Hysteresis (IPMI 2.0 §35.6-7): none, as stated in the SDRs. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { analogSensor, notForThisSensor } from "./findSensor.js";

export const getSensorHysteresis = defineCommand<number>({
  netFn: netFn.sensorEvent,
  command: 0x25,
  name: "Get Sensor Hysteresis",
  section: "35.7",
  privilege: privilege.user,
  decode: (data) => {
    // The mask is reserved, and some clients omit it.
    requireDataLength(data, 1, 2);
    return data.readUInt8(0);
  },
  run: (number) => {
    analogSensor(number);
  },
  encode: () => Buffer.from([0, 0]),
});

export const setSensorHysteresis = defineCommand<number>({
  netFn: netFn.sensorEvent,
  command: 0x24,
  name: "Set Sensor Hysteresis",
  section: "35.6",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 4);
    return data.readUInt8(0);
  },
  run: (number) => {
    analogSensor(number);
    throw notForThisSensor(`sensor ${number} has no hysteresis`);
  },
});
