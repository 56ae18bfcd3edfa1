/** Get Sensor Event Status (IPMI 2.0 §35.13, table 35-14): sensors re-arm themselves, so it is the current state. */
import type { Reading } from "../../../../model/bmc/sensors/readings.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { sensorWithNumber } from "./findSensor.js";

const enabled = 0xc0;
const stateUnavailable = 0x20;

export const getSensorEventStatus = defineCommand<number, Reading>({
  netFn: netFn.sensorEvent,
  command: 0x2b,
  name: "Get Sensor Event Status",
  section: "35.13",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0);
  },
  run: (number, { bmc }) => bmc.readings.read(sensorWithNumber(number)),
  encode: (reading) => {
    const data = Buffer.alloc(5);
    data.writeUInt8(enabled | (reading.kind === "unavailable" ? stateUnavailable : 0), 0);
    data.writeUInt16LE(reading.kind === "discrete" ? reading.states : 0, 1);
    return data;
  },
});
