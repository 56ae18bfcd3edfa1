/** Get SDR Repository Allocation Info (IPMI 2.0 §33.10): units of the longest record, all in use. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const unitLength = 64;
const maxRecordUnits = 1;

export const getSdrRepositoryAllocationInfo = defineCommand<undefined, number>({
  netFn: netFn.storage,
  command: 0x21,
  name: "Get SDR Repository Allocation Info",
  section: "33.10",
  privilege: privilege.user,
  run: (_request, { bmc }) => bmc.sdr.records().length,
  encode: (count) => {
    const data = Buffer.alloc(9);
    data.writeUInt16LE(count, 0);
    data.writeUInt16LE(unitLength, 2);
    data.writeUInt8(maxRecordUnits, 8);
    return data;
  },
});
