/** Get Auxiliary Log Status (IPMI 2.0 §31.12, table 31-12): a VM has neither a machine check nor an OEM log. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

export const getAuxiliaryLogStatus = defineCommand<number>({
  netFn: netFn.storage,
  command: 0x5a,
  name: "Get Auxiliary Log Status",
  section: "31.12",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0) & 0x0f;
  },
  run: (logType) => {
    throw invalidField(`there is no auxiliary log ${logType}`);
  },
});
