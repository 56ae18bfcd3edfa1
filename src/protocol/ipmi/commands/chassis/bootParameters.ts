/** Boot option parameters (IPMI 2.0 §28.12, table 28-14): one row each. */
import { mailboxBlockLength } from "../../../../model/bmc/boot/bootOptions.js";
import type { CommandContext } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { invalidField } from "../../requestData.js";
import { bootFlagsLength, decodeBootFlags, encodeBootFlags, otherBootFlags } from "./bootDevice.js";

export interface BootParameter {
  /** Length of the data, including the set selector. */
  readonly minLength: number;
  readonly maxLength: number;
  readonly read: (context: CommandContext, setSelector: number) => Buffer | Promise<Buffer>;
  readonly write: (data: Buffer, context: CommandContext) => void | Promise<void>;
}

const setComplete = 0;
const setInProgress = 1;
const commitWrite = 2;
const initiatorInfoLength = 9;

const parameters: Readonly<Record<number, BootParameter>> = {
  /** Set in progress. */
  0: {
    ...exactly(1),
    read: ({ bmc }) => Buffer.from([bmc.bootOptions.setInProgress]),
    write: (data, { bmc }) => {
      const state = data.readUInt8(0) & 0x03;
      if (state > commitWrite) {
        throw invalidField("set in progress 3 is reserved");
      }
      // A client that died between "set in progress" and "set complete" must not lock out the next one, so 81h is never
      // returned; writes take effect immediately, and "commit write" has nothing left to do.
      bmc.bootOptions.setInProgress = state === setInProgress ? setInProgress : setComplete;
    },
  },
  /** Service partition selector. */
  1: byteParameter("servicePartition", 0xff),
  /** Service partition scan. */
  2: byteParameter("servicePartitionScan", 0x03),
  /** BMC boot flag valid bit clearing. */
  3: {
    ...byteParameter("validBitClearing", 0x1f),
    write: (data, { bmc }) => {
      bmc.bootOptions.validBitClearing = data.readUInt8(0) & 0x1f;
      bmc.bootFlags.clearingChanged();
    },
  },
  /** Boot info acknowledge: the write mask reads as 0. */
  4: {
    ...exactly(2),
    read: ({ bmc }) => Buffer.from([0, bmc.bootOptions.acknowledge]),
    write: (data, { bmc }) => {
      const [mask = 0, bits = 0] = data;
      bmc.bootOptions.acknowledge = (bmc.bootOptions.acknowledge & ~mask) | (bits & mask & 0x1f);
    },
  },
  /** Boot flags. */
  5: {
    ...exactly(bootFlagsLength),
    read: async ({ bmc }) => encodeBootFlags(await bmc.bootFlags.read(), bmc.bootOptions.otherFlags),
    write: async (data, { bmc }) => {
      const others = otherBootFlags(data);
      await bmc.bootFlags.write(decodeBootFlags(data));
      bmc.bootOptions.otherFlags.set(others);
    },
  },
  /** Boot initiator info. */
  6: {
    ...exactly(initiatorInfoLength),
    read: ({ bmc }) => bmc.bootOptions.initiatorInfo,
    write: (data, { bmc }) => bmc.bootOptions.initiatorInfo.set(data),
  },
  /** Boot initiator mailbox: a short block leaves the remaining bytes unchanged. */
  7: {
    minLength: 1,
    maxLength: 1 + mailboxBlockLength,
    read: (context, selector) => Buffer.concat([Buffer.from([selector]), mailboxBlock(context, selector)]),
    write: (data, context) => mailboxBlock(context, data.readUInt8(0)).set(data.subarray(1)),
  },
};

function exactly(length: number): Pick<BootParameter, "minLength" | "maxLength"> {
  return { minLength: length, maxLength: length };
}

function byteParameter(
  name: "servicePartition" | "servicePartitionScan" | "validBitClearing",
  mask: number,
): BootParameter {
  return {
    ...exactly(1),
    read: ({ bmc }) => Buffer.from([bmc.bootOptions[name]]),
    write: (data, { bmc }) => {
      bmc.bootOptions[name] = data.readUInt8(0) & mask;
    },
  };
}

function mailboxBlock({ bmc }: CommandContext, selector: number): Buffer {
  const start = selector * mailboxBlockLength;
  const block = bmc.bootOptions.mailbox.subarray(start, start + mailboxBlockLength);
  if (block.length === 0) {
    throw new CompletionError(completionCode.parameterOutOfRange, `mailbox block ${selector}`);
  }
  return block;
}

/** Throws 80h for an unknown parameter. */
export function bootParameter(number: number): BootParameter {
  const parameter = parameters[number];
  if (!parameter) {
    throw new CompletionError(completionCode.parameterNotSupported, `boot option parameter ${number}`);
  }
  return parameter;
}
