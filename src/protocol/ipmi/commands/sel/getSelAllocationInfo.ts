/** Get SEL Allocation Info (IPMI 2.0 §31.3, table 31-3). */
import { selCapacity, selRecordLength } from "../../../../model/sel/sel.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

export const getSelAllocationInfo = defineCommand<undefined, number>({
  netFn: netFn.storage,
  command: 0x41,
  name: "Get SEL Allocation Info",
  section: "31.3",
  privilege: privilege.user,
  run: (_request, { bmc }) => selCapacity - bmc.sel.count(),
  encode: (free) => {
    const data = Buffer.alloc(9);
    data.writeUInt16LE(selCapacity, 0);
    data.writeUInt16LE(selRecordLength, 2);
    data.writeUInt16LE(free, 4);
    // The free units are one block.
    data.writeUInt16LE(free, 6);
    data.writeUInt8(1, 8);
    return data;
  },
});
