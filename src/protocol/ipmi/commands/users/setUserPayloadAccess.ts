/** Set User Payload Access (IPMI 2.0 §24.6, table 24-8). */
import type { User } from "../../../../model/bmc/users/user.js";
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { changeUser } from "./changeUser.js";
import { decodeUserId } from "./userId.js";

const enable = 0;
const disable = 1;

interface Request {
  readonly id: number;
  readonly operation: number;
  readonly payloads: number;
}

export const setUserPayloadAccess = defineCommand<Request>({
  netFn: netFn.app,
  command: 0x4c,
  name: "Set User Payload Access",
  section: "24.6",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 6);
    const [channel = 0, user = 0] = data;
    resolveChannel(channel);
    const operation = user >> 6;
    if (operation !== enable && operation !== disable) {
      throw invalidField(`operation ${operation}`);
    }
    return { id: decodeUserId(user), operation, payloads: data.readUInt32LE(2) };
  },
  run: ({ id, operation, payloads }, context) => {
    const change = (user: User): Pick<User, "payloadAccess"> => {
      const bits = operation === enable ? user.payloadAccess | payloads : user.payloadAccess & ~payloads;
      return { payloadAccess: bits >>> 0 };
    };
    return changeUser(id, change, context);
  },
});
