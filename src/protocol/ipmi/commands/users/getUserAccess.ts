/** Get User Access (IPMI 2.0 §22.27, table 22-33). */
import type { User } from "../../../../model/bmc/users/user.js";
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { decodeUserId, userWithId } from "./userId.js";

/** User ID enable status, bits [7:6] of the third byte: as last set by Set User Password. */
const enabledStatus = 0x40;
const disabledStatus = 0x80;
/** User 1, the null user. */
const fixedNameCount = 1;
const callbackOnlyBit = 0x40;
const linkAuthenticationBit = 0x20;
const ipmiMessagingBit = 0x10;

interface Response {
  readonly user: User;
  readonly slotCount: number;
  readonly enabledCount: number;
}

export const getUserAccess = defineCommand<number, Response>({
  netFn: netFn.app,
  command: 0x44,
  name: "Get User Access",
  section: "22.27",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 2);
    resolveChannel(data.readUInt8(0));
    return decodeUserId(data.readUInt8(1));
  },
  run: (id, context) => {
    const all = context.bmc.users.all();
    return {
      user: userWithId(id, context),
      slotCount: all.length,
      enabledCount: all.filter(({ enabled }) => enabled).length,
    };
  },
  encode: ({ user, slotCount, enabledCount }) => {
    const access =
      (user.callbackOnly ? callbackOnlyBit : 0) |
      (user.linkAuthentication ? linkAuthenticationBit : 0) |
      (user.ipmiMessaging ? ipmiMessagingBit : 0) |
      user.privilegeLimit;
    return Buffer.from([
      slotCount,
      (user.enabled ? enabledStatus : disabledStatus) | enabledCount,
      fixedNameCount,
      access,
    ]);
  },
});
