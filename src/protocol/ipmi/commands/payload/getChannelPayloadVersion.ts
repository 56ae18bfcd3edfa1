/** Get Channel Payload Version (IPMI 2.0 §24.9, table 24-12). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { setupPayloadTypes, standardPayloadTypes } from "./payloadTypes.js";

const typeNotAvailable = 0x80;
/** Major version in the high nibble: 1.0. */
const formatVersion = 0x10;

export const getChannelPayloadVersion = defineCommand<number>({
  netFn: netFn.app,
  command: 0x4f,
  name: "Get Channel Payload Version",
  section: "24.9",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
    resolveChannel(data.readUInt8(0));
    return data.readUInt8(1);
  },
  run: (type, { bmc }) => {
    if (![...standardPayloadTypes(bmc), ...setupPayloadTypes].includes(type)) {
      throw new CompletionError(typeNotAvailable, `payload type ${type} is not available`);
    }
  },
  encode: () => Buffer.from([formatVersion]),
});
