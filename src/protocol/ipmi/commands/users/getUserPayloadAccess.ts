/** Get User Payload Access (IPMI 2.0 §24.7, table 24-9). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { decodeUserId, userWithId } from "./userId.js";

export const getUserPayloadAccess = defineCommand<number, number>({
  netFn: netFn.app,
  command: 0x4d,
  name: "Get User Payload Access",
  section: "24.7",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 2);
    resolveChannel(data.readUInt8(0));
    return decodeUserId(data.readUInt8(1));
  },
  run: (id, context) => userWithId(id, context).payloadAccess,
  encode: (payloads) => {
    const data = Buffer.alloc(4);
    data.writeUInt32LE(payloads);
    return data;
  },
});
