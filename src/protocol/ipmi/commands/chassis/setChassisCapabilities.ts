/** Set Chassis Capabilities (IPMI 2.0 §28.7, table 28-8). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

export const setChassisCapabilities = defineCommand({
  netFn: netFn.chassis,
  command: 0x05,
  name: "Set Chassis Capabilities",
  section: "28.7",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 5, 6);
    return undefined;
  },
  // All are read-only: the BMC is every device of its chassis. §28.7 does not make that an error; software compares.
});
