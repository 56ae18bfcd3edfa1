/**
 * Get Sensor Reading Factors (IPMI 2.0 §35.5, table 35-5): the same for all readings, since all scales are
 * linear(ized).
 */
import { encodeFactors } from "../../../../model/bmc/sdr/sensorRecords.js";
import type { Scale } from "../../../../model/bmc/sensors/sensor.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { analogSensor } from "./findSensor.js";

interface Request {
  readonly number: number;
  readonly reading: number;
}

export const getSensorReadingFactors = defineCommand<Request, { reading: number; scale: Scale }>({
  netFn: netFn.sensorEvent,
  command: 0x23,
  name: "Get Sensor Reading Factors",
  section: "35.5",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
    return { number: data.readUInt8(0), reading: data.readUInt8(1) };
  },
  run: ({ number, reading }, { bmc }) => ({ reading, scale: analogSensor(number).scale(bmc.sdr.sizes()) }),
  // The next reading for which the factors are valid: this one.
  encode: ({ reading, scale }) => Buffer.from([reading, ...encodeFactors(scale)]),
});
