/** Get System Restart Cause (IPMI 2.0 §28.11, table 28-11). */
import type { RestartCause } from "../../../../model/bmc/power/restartCause.js";
import { lanChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

export const getSystemRestartCause = defineCommand<undefined, RestartCause>({
  netFn: netFn.chassis,
  command: 0x07,
  name: "Get System Restart Cause",
  section: "28.11",
  privilege: privilege.user,
  run: (_request, { bmc }) => bmc.chassis.restartCause(),
  encode: (cause) => Buffer.from([cause, lanChannel]),
});
