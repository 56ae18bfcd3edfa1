/** Get Sensor Reading (IPMI 2.0 §35.14, table 35-15). */
import type { Reading } from "../../../../model/bmc/sensors/readings.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { sensorWithNumber } from "./findSensor.js";

/** Event messages and scanning enabled. */
const enabled = 0xc0;
const readingUnavailable = 0x20;
const aboveNonCritical = 0x08;
const aboveCritical = 0x10;
/** Reserved bits are returned as 1b. */
const reservedComparison = 0xc0;
const reservedState = 0x80;

export const getSensorReading = defineCommand<number, Reading>({
  netFn: netFn.sensorEvent,
  command: 0x2d,
  name: "Get Sensor Reading",
  section: "35.14",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0);
  },
  run: (number, { bmc }) => bmc.readings.read(sensorWithNumber(number)),
  encode: encodeReading,
});

/** Reading, enables and states, which Get Sensor Event Status uses too. */
export function encodeReading(reading: Reading): Buffer {
  switch (reading.kind) {
    case "analog": {
      const comparison =
        (reading.isAboveNonCritical ? aboveNonCritical : 0) | (reading.isAboveCritical ? aboveCritical : 0);
      return Buffer.from([reading.raw, enabled, reservedComparison | comparison]);
    }
    case "discrete":
      return Buffer.from([0, enabled, reading.states & 0xff, reservedState | (reading.states >> 8)]);
    case "unavailable":
      return Buffer.from([0, enabled | readingUnavailable, 0, 0]);
  }
}
