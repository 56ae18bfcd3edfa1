/** Get NetFn Support (IPMI 2.0 §21.2, table 21-2). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

/** Two bits per LUN: LUN 0 has commands, and none are restricted. */
const lun0 = 0x01;
const lunMaskLength = 4;
const luns = 4;

export const getNetFnSupport = defineCommand<undefined, readonly number[]>({
  netFn: netFn.app,
  command: 0x09,
  name: "Get NetFn Support",
  section: "21.2",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    resolveChannel(data.readUInt8(0));
  },
  run: (_request, { commands }) => [...new Set(commands.map((command) => command.netFn))],
  encode: (netFns) => {
    const data = Buffer.alloc(1 + luns * lunMaskLength);
    data.writeUInt8(lun0, 0);
    // One bit covers a pair: requests and their responses.
    data.writeUInt32LE(netFns.reduce((mask, number) => mask | (1 << (number >> 1)), 0) >>> 0, 1);
    return data;
  },
});
