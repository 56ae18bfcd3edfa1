/** Read FRU Data (IPMI 2.0 §34.2, table 34-3). */
import { fruSize } from "../../../../model/bmc/fru/fruDevice.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { requireFruDevice } from "./requireFruDevice.js";

interface Request {
  readonly id: number;
  readonly offset: number;
  readonly count: number;
}

export const readFruData = defineCommand<Request, Buffer>({
  netFn: netFn.storage,
  command: 0x11,
  name: "Read FRU Data",
  section: "34.2",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 4);
    return { id: data.readUInt8(0), offset: data.readUInt16LE(1), count: data.readUInt8(3) };
  },
  run: async ({ id, offset, count }, { bmc }) => {
    requireFruDevice(id);
    if (offset >= fruSize) {
      throw new CompletionError(completionCode.parameterOutOfRange, `byte ${offset} of the FRU inventory`);
    }
    return (await bmc.fru.read()).subarray(offset, offset + count);
  },
  encode: (bytes) => Buffer.concat([Buffer.from([bytes.length]), bytes]),
});
