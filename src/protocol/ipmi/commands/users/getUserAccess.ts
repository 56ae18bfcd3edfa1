/** Get User Access (IPMI 2.0 §22.27, table 22-33). */
import { noAccess, type User } from "../../../../model/bmc/users/user.js";
import { resolveAnyChannel, serialChannel } from "../../channelNumber.js";
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

/** No IPMI messages arrive at the serial port, for any user. */
const noSerialAccess = {
  callbackOnly: false,
  linkAuthentication: false,
  ipmiMessaging: false,
  privilegeLimit: noAccess,
} as const;

interface Request {
  readonly channel: number;
  readonly id: number;
}

interface Response {
  readonly user: User;
  readonly slotCount: number;
  readonly enabledCount: number;
}

export const getUserAccess = defineCommand<Request, Response>({
  netFn: netFn.app,
  command: 0x44,
  name: "Get User Access",
  section: "22.27",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 2);
    return { channel: resolveAnyChannel(data.readUInt8(0)), id: decodeUserId(data.readUInt8(1)) };
  },
  run: ({ channel, id }, context) => {
    const all = context.bmc.users.all();
    const user = userWithId(id, context);
    return {
      user: channel === serialChannel ? { ...user, ...noSerialAccess } : user,
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
