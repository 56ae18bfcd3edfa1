/** Get SDR Repository Info (IPMI 2.0 §33.9, table 33-3). */
import { unspecifiedTime } from "../../../../model/sel/sel.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

const sdrVersion = 0x51;
/** Reserve and allocation info are supported; commands cannot add or delete records. */
const operationSupport = 0x03;

interface Response {
  readonly count: number;
  readonly changedAt: number;
}

export const getSdrRepositoryInfo = defineCommand<undefined, Response>({
  netFn: netFn.storage,
  command: 0x20,
  name: "Get SDR Repository Info",
  section: "33.9",
  privilege: privilege.user,
  run: (_request, { bmc }) => ({ count: bmc.sdr.records().length, changedAt: bmc.sdr.changedAt() }),
  encode: ({ count, changedAt }) => {
    const data = Buffer.alloc(14);
    data.writeUInt8(sdrVersion, 0);
    data.writeUInt16LE(count, 1);
    // Free space: none.
    data.writeUInt16LE(0, 3);
    data.writeUInt32LE(changedAt, 5);
    data.writeUInt32LE(unspecifiedTime, 9);
    data.writeUInt8(operationSupport, 13);
    return data;
  },
});
