/** Get Channel Payload Support (IPMI 2.0 §24.8, table 24-10). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { setupPayloadTypes, standardPayloadTypes } from "./payloadTypes.js";

export const getChannelPayloadSupport = defineCommand<undefined, readonly number[]>({
  netFn: netFn.app,
  command: 0x4e,
  name: "Get Channel Payload Support",
  section: "24.8",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    resolveChannel(data.readUInt8(0));
    return undefined;
  },
  run: (_request, { bmc }) => standardPayloadTypes(bmc),
  encode: (standardTypes) => {
    const data = Buffer.alloc(8);
    data.writeUInt16LE(bits(standardTypes), 0);
    data.writeUInt16LE(bits(setupPayloadTypes), 2);
    return data;
  },
});

/** Bit n is payload type n of its group of 16. */
function bits(types: readonly number[]): number {
  return types.reduce((mask, type) => mask | (1 << (type & 0x0f)), 0);
}
