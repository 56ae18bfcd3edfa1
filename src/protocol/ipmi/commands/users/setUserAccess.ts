/** Set User Access (IPMI 2.0 §22.26, table 22-32). */
import { noAccess } from "../../../../model/bmc/users/user.js";
import type { UserChange } from "../../../../model/bmc/users/users.js";
import { resolveAnyChannel, serialChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { changeUser } from "./changeUser.js";
import { decodeUserId } from "./userId.js";

const changeBits = 0x80;
const callbackOnly = 0x40;
const linkAuthentication = 0x20;
const ipmiMessaging = 0x10;

export const setUserAccess = defineCommand<{ id: number; change: UserChange }>({
  netFn: netFn.app,
  command: 0x43,
  name: "Set User Access",
  section: "22.26",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 3, 4);
    const [flags = 0, id = 0, limits = 0, sessionLimit = 0] = data;
    const channel = resolveAnyChannel(flags);
    const privilegeLimit = limits & 0x0f;
    if (privilegeLimit !== noAccess && (privilegeLimit === 0 || privilegeLimit > privilege.administrator)) {
      throw invalidField(`user privilege limit ${privilegeLimit}`);
    }
    if ((sessionLimit & 0x0f) !== 0) {
      throw invalidField("a session limit per user is not supported");
    }
    const bits = {
      callbackOnly: (flags & callbackOnly) !== 0,
      linkAuthentication: (flags & linkAuthentication) !== 0,
      ipmiMessaging: (flags & ipmiMessaging) !== 0,
    };
    if (channel === serialChannel) {
      const wantsAccess =
        (flags & changeBits) !== 0 && (bits.callbackOnly || bits.linkAuthentication || bits.ipmiMessaging);
      if (wantsAccess || privilegeLimit !== noAccess) {
        throw invalidField("no IPMI messages come by the serial port");
      }
      return { id: decodeUserId(id), change: {} };
    }
    return { id: decodeUserId(id), change: { privilegeLimit, ...((flags & changeBits) !== 0 && bits) } };
  },
  run: ({ id, change }, context) => changeUser(id, change, context),
});
