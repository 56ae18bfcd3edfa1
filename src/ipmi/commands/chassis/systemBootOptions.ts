/** Set and Get System Boot Options (IPMI 2.0 §28.12-13, table 28-14). */
import type { CommandContext } from "../../command.js";
import { defineCommand } from "../../command.js";
import { CompletionError, completionCode } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { encodeNothing, invalidField, requireDataLength } from "../../requestData.js";
import { bootFlagsLength, decodeBootFlags, encodeBootFlags } from "./bootDevice.js";

/** One row per parameter: how it is read, how it is written, and how long it is. */
interface BootParameter {
  readonly length: number;
  readonly read: (context: CommandContext) => Buffer | Promise<Buffer>;
  readonly write: (data: Buffer, context: CommandContext) => void | Promise<void>;
}

const setComplete = 0;
const setInProgress = 1;
const commitWrite = 2;

const parameters: Readonly<Record<number, BootParameter>> = {
  0: {
    length: 1,
    read: ({ bmc }) => Buffer.from([bmc.bootOptions.setInProgress]),
    write: (data, { bmc }) => {
      const state = data.readUInt8(0) & 0x03;
      if (state > commitWrite) {
        throw invalidField("set in progress 3 is reserved");
      }
      // A client that died between "set in progress" and "set complete" must not lock the next one out, so 81h is
      // never answered; what is written takes effect at once, and "commit write" has nothing left to do.
      bmc.bootOptions.setInProgress = state === setInProgress ? setInProgress : setComplete;
    },
  },
  1: byteParameter("servicePartition"),
  2: byteParameter("servicePartitionScan"),
  3: byteParameter("validBitClearing"),
  4: {
    length: 2,
    read: ({ bmc }) => Buffer.from([0, bmc.bootOptions.acknowledge]),
    write: (data, { bmc }) => {
      const [mask = 0, bits = 0] = data;
      bmc.bootOptions.acknowledge = (bmc.bootOptions.acknowledge & ~mask) | (bits & mask & 0x1f);
    },
  },
  5: {
    length: bootFlagsLength,
    read: async ({ machine }) => encodeBootFlags(await machine.bootOverride()),
    write: (data, { machine }) => machine.setBootOverride(decodeBootFlags(data)),
  },
};

function byteParameter(name: "servicePartition" | "servicePartitionScan" | "validBitClearing"): BootParameter {
  return {
    length: 1,
    read: ({ bmc }) => Buffer.from([bmc.bootOptions[name]]),
    write: (data, { bmc }) => {
      bmc.bootOptions[name] = data.readUInt8(0);
    },
  };
}

function parameterWithNumber(number: number): BootParameter {
  const parameter = parameters[number];
  if (!parameter) {
    throw new CompletionError(completionCode.parameterNotSupported, `boot option parameter ${number}`);
  }
  return parameter;
}

export const setSystemBootOptions = defineCommand<{ number: number; data: Buffer }, undefined>({
  netFn: netFn.chassis,
  command: 0x08,
  name: "Set System Boot Options",
  section: "28.12",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 1, 255);
    return { number: data.readUInt8(0) & 0x7f, data: data.subarray(1) };
  },
  run: async ({ number, data }, context) => {
    const parameter = parameterWithNumber(number);
    // A request without parameter data only marks the parameter valid or invalid (bit 7), which none here can be.
    if (data.length > 0) {
      requireDataLength(data, parameter.length);
      await parameter.write(data, context);
    }
    return undefined;
  },
  encode: encodeNothing,
});

const parameterVersion = 0x01;

export const getSystemBootOptions = defineCommand<number, { number: number; data: Buffer }>({
  netFn: netFn.chassis,
  command: 0x09,
  name: "Get System Boot Options",
  section: "28.13",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 3);
    return data.readUInt8(0) & 0x7f;
  },
  run: async (number, context) => ({ number, data: await parameterWithNumber(number).read(context) }),
  encode: ({ number, data }) => Buffer.concat([Buffer.from([parameterVersion, number]), data]),
});
