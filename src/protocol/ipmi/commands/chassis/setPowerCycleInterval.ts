/** Set Power Cycle Interval (IPMI 2.0 §28.9, table 28-10): seconds off in a power cycle. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

export const setPowerCycleInterval = defineCommand<number>({
  netFn: netFn.chassis,
  command: 0x0b,
  name: "Set Power Cycle Interval",
  section: "28.9",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0);
  },
  run: async (seconds, { bmc }) => {
    await bmc.chassis.setCycleInterval(seconds);
  },
});
