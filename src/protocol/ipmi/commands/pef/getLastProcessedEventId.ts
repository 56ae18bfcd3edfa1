/** Get Last Processed Event ID (IPMI 2.0 §30.6, table 30-8): no event has ever been processed. */
import type { Sel } from "../../../../model/sel/sel.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const none = 0xffff;

export const getLastProcessedEventId = defineCommand<undefined, Sel>({
  netFn: netFn.sensorEvent,
  command: 0x15,
  name: "Get Last Processed Event ID",
  section: "30.6",
  privilege: privilege.administrator,
  run: (_request, { bmc }) => bmc.sel,
  encode: (sel) => {
    const data = Buffer.alloc(10);
    data.writeUInt32LE(sel.lastAddition(), 0);
    data.writeUInt16LE(sel.last()?.readUInt16LE(0) ?? none, 4);
    // By software, and by the BMC.
    data.writeUInt16LE(none, 6);
    data.writeUInt16LE(none, 8);
    return data;
  },
});
