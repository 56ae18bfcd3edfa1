/** Get Chassis Capabilities (IPMI 2.0 §28.1, table 28-2). */
import { bmcAddress } from "../../../rmcp/lanMessage.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

/** Bit 2: diagnostic interrupt; there is no intrusion sensor, front panel lockout or power interlock in a VM. */
const diagnosticInterrupt = 0x04;

export const getChassisCapabilities = defineCommand({
  netFn: netFn.chassis,
  command: 0x00,
  name: "Get Chassis Capabilities",
  section: "28.1",
  privilege: privilege.user,
  encode: () => Buffer.from([diagnosticInterrupt, bmcAddress, bmcAddress, bmcAddress, bmcAddress]),
});
