/** Set and Get BMC Global Enables (IPMI 2.0 §22.1-2, tables 22-2 and 22-3). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

/** The remaining bits belong to a system interface with buffers and interrupts, which a VM does not have. */
const systemEventLogging = 0x08;

export const setBmcGlobalEnables = defineCommand<boolean>({
  netFn: netFn.app,
  command: 0x2e,
  name: "Set BMC Global Enables",
  section: "22.1",
  // Appendix G reserves it for the system interface; without one, require an administrator (`ipmitool mc setenables`).
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 1);
    const enables = data.readUInt8(0);
    if ((enables & ~systemEventLogging) !== 0) {
      throw invalidField("there is no system interface whose buffers or interrupts could be enabled");
    }
    return (enables & systemEventLogging) !== 0;
  },
  run: (isLogging, { bmc }) => {
    bmc.eventLogging.isEnabled = isLogging;
  },
});

export const getBmcGlobalEnables = defineCommand<undefined, boolean>({
  netFn: netFn.app,
  command: 0x2f,
  name: "Get BMC Global Enables",
  section: "22.2",
  privilege: privilege.user,
  run: (_request, { bmc }) => bmc.eventLogging.isEnabled,
  encode: (isLogging) => Buffer.from([isLogging ? systemEventLogging : 0]),
});
