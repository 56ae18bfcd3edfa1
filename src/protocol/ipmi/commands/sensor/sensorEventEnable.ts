/** Get and Set Sensor Event Enable (IPMI 2.0 §35.10-11): events are enabled for all sensors together (§22.1). */
import type { Sensor } from "../../../../model/bmc/sensors/sensor.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { notForThisSensor, sensorWithNumber } from "./findSensor.js";

const eventsEnabled = 0x80;
const scanningEnabled = 0x40;

export const getSensorEventEnable = defineCommand<number, { sensor: Sensor; isEnabled: boolean }>({
  netFn: netFn.sensorEvent,
  command: 0x29,
  name: "Get Sensor Event Enable",
  section: "35.11",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0);
  },
  run: (number, { bmc }) => ({ sensor: sensorWithNumber(number), isEnabled: bmc.eventLogging.isEnabled }),
  encode: ({ sensor, isEnabled }) => {
    const { assertion, deassertion } = sensor.kind === "discrete" ? sensor.events : { assertion: 0, deassertion: 0 };
    const hasEvents = (assertion | deassertion) !== 0;
    const data = Buffer.alloc(5);
    data.writeUInt8(scanningEnabled | (hasEvents && isEnabled ? eventsEnabled : 0), 0);
    data.writeUInt16LE(assertion, 1);
    data.writeUInt16LE(deassertion, 3);
    return data;
  },
});

export const setSensorEventEnable = defineCommand<number>({
  netFn: netFn.sensorEvent,
  command: 0x28,
  name: "Set Sensor Event Enable",
  section: "35.10",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 2, 6);
    return data.readUInt8(0);
  },
  run: (number) => {
    sensorWithNumber(number);
    throw notForThisSensor(`the events of sensor ${number} cannot be switched separately`);
  },
});
