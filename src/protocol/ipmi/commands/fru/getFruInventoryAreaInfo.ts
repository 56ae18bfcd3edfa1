/** Get FRU Inventory Area Info (IPMI 2.0 §34.1, table 34-2). */
import { fruSize } from "../../../../model/bmc/fru/fruDevice.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { requireFruDevice } from "./requireFruDevice.js";

const accessedByBytes = 0x00;

export const getFruInventoryAreaInfo = defineCommand<number>({
  netFn: netFn.storage,
  command: 0x10,
  name: "Get FRU Inventory Area Info",
  section: "34.1",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return data.readUInt8(0);
  },
  run: async (id, { bmc }) => {
    requireFruDevice(id);
    // All clients start with this command: everything they read afterwards is from the same inventory.
    await bmc.fru.refresh();
  },
  encode: () => {
    const data = Buffer.alloc(3);
    data.writeUInt16LE(fruSize, 0);
    data.writeUInt8(accessedByBytes, 2);
    return data;
  },
});
