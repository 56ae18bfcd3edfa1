/** Set System Info Parameters (IPMI 2.0 §22.14a, tables 22-16a and 22-16c). */
import type { InfoString } from "../../../../model/bmc/identity/systemInfo.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { blockLength, firstBlockLength, lastBlock } from "./systemInfoBlocks.js";

const setInProgress = 0;

export const setSystemInfoParameters = defineCommand<{ parameter: number; data: Buffer }>({
  netFn: netFn.app,
  command: 0x58,
  name: "Set System Info Parameters",
  section: "22.14a",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 2, 3 + blockLength);
    return { parameter: data.readUInt8(0), data: data.subarray(1) };
  },
  run: async ({ parameter, data }, { bmc }) => {
    const { systemInfo } = bmc;
    if (parameter === setInProgress) {
      requireDataLength(data, 1);
      systemInfo.setInProgress = decodeProgress(data.readUInt8(0));
    } else if (systemInfo.isWritable(parameter)) {
      const change = decodeBlock(data);
      await systemInfo.write(parameter, change);
    } else {
      throw new CompletionError(completionCode.parameterNotSupported, `system info parameter ${parameter}`);
    }
  },
});

/** There is no roll-back: writes take effect immediately, and "commit write" has nothing left to do. */
function decodeProgress(byte: number): number {
  const state = byte & 0x03;
  if (state > 2) {
    throw invalidField("set in progress 3 is reserved");
  }
  return state === 1 ? 1 : 0;
}

/** The first block starts a new string, the others extend it. */
function decodeBlock(data: Buffer): (before: InfoString | undefined) => InfoString {
  const block = data.readUInt8(0);
  if (block > lastBlock) {
    throw new CompletionError(completionCode.parameterOutOfRange, `block ${block}`);
  }
  if (block === 0) {
    requireDataLength(data, 3, 3 + firstBlockLength);
    const bytes = Buffer.alloc(data.readUInt8(2));
    data.copy(bytes, 0, 3);
    return () => ({ encoding: data.readUInt8(1) & 0x0f, bytes });
  }
  requireDataLength(data, 2, 1 + blockLength);
  const part = Buffer.from(data.subarray(1));
  return (before) => {
    const bytes = Buffer.from(before?.bytes ?? Buffer.alloc(0));
    part.copy(bytes, firstBlockLength + (block - 1) * blockLength);
    return { encoding: before?.encoding ?? 0, bytes };
  };
}
