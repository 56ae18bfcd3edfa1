/** Get Device SDR Info (IPMI 2.0 §35.2, table 35-2). */
import { sensors } from "../../../../model/bmc/sensors/index.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

/** The sensors never change while the BMC runs; they are all at LUN 0. */
const staticOnLunZero = 0x01;
const countRecords = 0x01;

export const getDeviceSdrInfo = defineCommand<boolean, number>({
  netFn: netFn.sensorEvent,
  command: 0x20,
  name: "Get Device SDR Info",
  section: "35.2",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 0, 1);
    return ((data[0] ?? 0) & countRecords) !== 0;
  },
  run: (ofRecords, { bmc }) =>
    ofRecords ? bmc.sdr.records().length : sensors.filter(({ kind }) => kind !== "events").length,
  encode: (count) => Buffer.from([count, staticOnLunZero]),
});
