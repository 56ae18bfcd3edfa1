/** Get Self Test Results (IPMI 2.0 §20.4, table 20-5). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

/** There is no hardware to test; failures show in the commands themselves. */
const noError = 0x55;

export const getSelfTestResults = defineCommand({
  netFn: netFn.app,
  command: 0x04,
  name: "Get Self Test Results",
  section: "20.4",
  privilege: privilege.user,
  encode: () => Buffer.from([noError, 0x00]),
});
