/** Get Channel Access (IPMI 2.0 §22.23, table 22-29). */
import type { ChannelAccess } from "../../../bmc/channel.js";
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

/** Non-volatile (1) and present volatile (2) settings are the same here. */
const settings: readonly number[] = [1, 2];

export const getChannelAccess = defineCommand<undefined, ChannelAccess>({
  netFn: netFn.app,
  command: 0x41,
  name: "Get Channel Access",
  section: "22.23",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
    resolveChannel(data.readUInt8(0));
    if (!settings.includes(data.readUInt8(1) >> 6)) {
      throw invalidField("neither volatile nor non-volatile settings");
    }
    return undefined;
  },
  run: (_request, { bmc }) => bmc.channel,
  encode: (access) => {
    const flags =
      (access.alerting ? 0 : 0x20) |
      (access.perMessageAuthentication ? 0 : 0x10) |
      (access.userLevelAuthentication ? 0 : 0x08) |
      access.accessMode;
    return Buffer.from([flags, access.privilegeLimit]);
  },
});
