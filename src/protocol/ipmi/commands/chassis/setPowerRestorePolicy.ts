/** Set Power Restore Policy (IPMI 2.0 §28.8, table 28-9). */
import { type RestorePolicy, restorePolicy } from "../../../../model/bmc/power/chassis.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

const noChange = 0x03;
/** Bits 2 to 0: always on, previous, always off. */
const allSupported = 0x07;

export const setPowerRestorePolicy = defineCommand<RestorePolicy | undefined>({
  netFn: netFn.chassis,
  command: 0x06,
  name: "Set Power Restore Policy",
  section: "28.8",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 1);
    const value = data.readUInt8(0) & 0x07;
    const policy = Object.values(restorePolicy).find((known) => known === value);
    if (policy === undefined && value !== noChange) {
      throw invalidField(`power restore policy ${value}`);
    }
    return policy;
  },
  run: async (policy, { bmc }) => {
    if (policy !== undefined) {
      await bmc.chassis.setRestorePolicy(policy);
    }
  },
  encode: () => Buffer.from([allSupported]),
});
