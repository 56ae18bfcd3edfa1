/** Add SEL Entry (IPMI 2.0 §31.6, table 31-6). */
import { selRecordLength } from "../../../../model/sel/sel.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

/** Record types from here on have no timestamp (§31.6.1). */
const firstWithoutTimestamp = 0xe0;

export const addSelEntry = defineCommand<Buffer, number>({
  netFn: netFn.storage,
  command: 0x44,
  name: "Add SEL Entry",
  section: "31.6",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, selRecordLength);
    return Buffer.from(data);
  },
  run: async (record, { bmc }) => {
    const now = bmc.clock.now();
    if (record.readUInt8(2) < firstWithoutTimestamp) {
      record.writeUInt32LE(now, 3);
    }
    const { id, persisted } = bmc.sel.add(record, now);
    await persisted;
    return id;
  },
  encode: (id) => {
    const data = Buffer.alloc(2);
    data.writeUInt16LE(id);
    return data;
  },
});
