/** Set and Get System Boot Options (IPMI 2.0 §28.12-13). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { bootFlagsParameter, describeBootFlags } from "./bootDevice.js";
import { bootParameter } from "./bootParameters.js";

const invalidBit = 0x80;
const numberMask = 0x7f;

interface SetRequest {
  readonly number: number;
  readonly isInvalid: boolean;
  readonly data: Buffer;
}

export const setSystemBootOptions = defineCommand<SetRequest>({
  netFn: netFn.chassis,
  command: 0x08,
  name: "Set System Boot Options",
  section: "28.12",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 1, 255);
    const head = data.readUInt8(0);
    return { number: head & numberMask, isInvalid: (head & invalidBit) !== 0, data: data.subarray(1) };
  },
  describe: ({ number, data }) => (number === bootFlagsParameter ? describeBootFlags(data) : undefined),
  run: async ({ number, isInvalid, data }, context) => {
    const parameter = bootParameter(number);
    // Without data only the validity changes.
    if (data.length > 0) {
      requireDataLength(data, parameter.minLength, parameter.maxLength);
      await parameter.write(data, context);
    }
    const { invalid } = context.bmc.bootOptions;
    if (isInvalid) {
      invalid.add(number);
    } else {
      invalid.delete(number);
    }
  },
});

const parameterVersion = 0x01;

interface GetRequest {
  readonly number: number;
  readonly setSelector: number;
}

interface GetResponse {
  readonly number: number;
  readonly isInvalid: boolean;
  readonly data: Buffer;
}

export const getSystemBootOptions = defineCommand<GetRequest, GetResponse>({
  netFn: netFn.chassis,
  command: 0x09,
  name: "Get System Boot Options",
  section: "28.13",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 3);
    return { number: data.readUInt8(0) & numberMask, setSelector: data.readUInt8(1) };
  },
  run: async ({ number, setSelector }, context) => ({
    number,
    isInvalid: context.bmc.bootOptions.invalid.has(number),
    data: await bootParameter(number).read(context, setSelector),
  }),
  encode: ({ number, isInvalid, data }) =>
    Buffer.concat([Buffer.from([parameterVersion, number | (isInvalid ? invalidBit : 0)]), data]),
});
