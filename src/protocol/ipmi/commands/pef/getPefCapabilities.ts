/** Get PEF Capabilities (IPMI 2.0 §30.1, table 30-2): platform event filtering with no filter and no action. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const pefVersion = 0x51;
const noActions = 0x00;
const noFilters = 0;

export const getPefCapabilities = defineCommand({
  netFn: netFn.sensorEvent,
  command: 0x10,
  name: "Get PEF Capabilities",
  section: "30.1",
  privilege: privilege.user,
  encode: () => Buffer.from([pefVersion, noActions, noFilters]),
});
