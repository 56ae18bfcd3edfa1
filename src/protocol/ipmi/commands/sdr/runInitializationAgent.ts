/** Run Initialization Agent (IPMI 2.0 §33.21): the sensors are initialized whenever the BMC runs. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

const completed = 0x01;

export const runInitializationAgent = defineCommand({
  netFn: netFn.storage,
  command: 0x2c,
  name: "Run Initialization Agent",
  section: "33.21",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 1);
  },
  encode: () => Buffer.from([completed]),
});
