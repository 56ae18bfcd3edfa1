/** Get Channel Access (IPMI 2.0 §22.23, table 22-29). */
import type { ChannelAccess } from "../../../../model/bmc/lan/channel.js";
import { resolveAnyChannel, serialChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";
import { accessBits, selectSettings, serialAccess, type Settings } from "./channelAccessBits.js";

interface Request {
  readonly channel: number;
  readonly settings: Settings;
}

type ShownAccess = Omit<ChannelAccess, "accessMode"> & { readonly accessMode: number };

export const getChannelAccess = defineCommand<Request, ShownAccess>({
  netFn: netFn.app,
  command: 0x41,
  name: "Get Channel Access",
  section: "22.23",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
    const channel = resolveAnyChannel(data.readUInt8(0));
    const settings = selectSettings(data.readUInt8(1));
    if (!settings) {
      throw invalidField("neither volatile nor non-volatile settings");
    }
    return { channel, settings };
  },
  run: ({ channel, settings }, { bmc }) => {
    if (channel === serialChannel) {
      return serialAccess;
    }
    return settings === "volatile" ? bmc.channel.active() : bmc.channel.nonVolatile();
  },
  // Per-message and user level authentication are always enabled: their bits stay 0.
  encode: ({ alerting, accessMode, privilegeLimit }) =>
    Buffer.from([(alerting ? 0 : accessBits.alertingDisabled) | accessMode, privilegeLimit]),
});
