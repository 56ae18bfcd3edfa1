/** Write FRU Data (IPMI 2.0 §34.3, table 34-4): only the asset tag is stored, the rest describes the VM. */
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
  readonly bytes: Buffer;
}

export const writeFruData = defineCommand<Request, number>({
  netFn: netFn.storage,
  command: 0x12,
  name: "Write FRU Data",
  section: "34.3",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 3, 258);
    return { id: data.readUInt8(0), offset: data.readUInt16LE(1), bytes: Buffer.from(data.subarray(3)) };
  },
  run: async ({ id, offset, bytes }, { bmc }) => {
    requireFruDevice(id);
    if (offset + bytes.length > fruSize) {
      throw new CompletionError(completionCode.parameterOutOfRange, `byte ${offset} of the FRU inventory`);
    }
    await bmc.fru.write(offset, bytes);
    return bytes.length;
  },
  encode: (count) => Buffer.from([count]),
});
