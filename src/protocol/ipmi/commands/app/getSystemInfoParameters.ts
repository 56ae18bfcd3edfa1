/** Get System Info Parameters (IPMI 2.0 §22.14b, tables 22-16b and 22-16c). */
import type { InfoString } from "../../../../model/bmc/identity/systemInfo.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { blockLength, firstBlockLength, lastBlock } from "./systemInfoBlocks.js";

const parameterRevision = 0x11;
const setInProgress = 0;

interface Request {
  readonly revisionOnly: boolean;
  readonly parameter: number;
  readonly block: number;
}

export const getSystemInfoParameters = defineCommand<Request, Buffer>({
  netFn: netFn.app,
  command: 0x59,
  name: "Get System Info Parameters",
  section: "22.14b",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 4);
    const [flags = 0, parameter = 0, block = 0] = data;
    return { revisionOnly: (flags & 0x80) !== 0, parameter, block };
  },
  run: ({ revisionOnly, parameter, block }, { bmc }) => {
    if (revisionOnly) {
      return Buffer.alloc(0);
    }
    if (parameter === setInProgress) {
      return Buffer.from([bmc.systemInfo.setInProgress]);
    }
    const value = bmc.systemInfo.read(parameter);
    if (!value) {
      throw new CompletionError(completionCode.parameterNotSupported, `system info parameter ${parameter}`);
    }
    if (block > lastBlock) {
      throw new CompletionError(completionCode.parameterOutOfRange, `block ${block}`);
    }
    return encodeBlock(value, block);
  },
  encode: (value) => Buffer.concat([Buffer.from([parameterRevision]), value]),
});

/** Blocks beyond the end of the string are zeros: ipmitool reads four of them, whatever the length is. */
function encodeBlock({ encoding, bytes }: InfoString, block: number): Buffer {
  if (block === 0) {
    const head = Buffer.from([block, encoding, bytes.length]);
    return Buffer.concat([head, bytes.subarray(0, firstBlockLength)], head.length + firstBlockLength);
  }
  const start = firstBlockLength + (block - 1) * blockLength;
  return Buffer.concat([Buffer.from([block]), bytes.subarray(start, start + blockLength)], 1 + blockLength);
}
