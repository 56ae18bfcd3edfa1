/** Get Channel Info (IPMI 2.0 §22.24, table 22-31). */
import { resolveAnyChannel, serialChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

/** Channel medium and protocol types (tables 6-3 and 6-2). */
const lan = { medium: 0x04, protocol: 0x01 };
const serial = { medium: 0x05, protocol: 0x09 };
const multiSession = 0x80;
const singleSession = 0x40;
/** IANA enterprise number of the IPMI forum, used for all non-OEM channels. */
const vendorId = 7154;

export const getChannelInfo = defineCommand<number, { channel: number; sessionCount: number }>({
  netFn: netFn.app,
  command: 0x42,
  name: "Get Channel Info",
  section: "22.24",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 1);
    return resolveAnyChannel(data.readUInt8(0));
  },
  run: (channel, { sessions }) => ({
    channel,
    sessionCount: channel === serialChannel ? 0 : Math.min(sessions.active().length, 0x3f),
  }),
  encode: ({ channel, sessionCount }) => {
    const data = Buffer.alloc(9);
    const { medium, protocol } = channel === serialChannel ? serial : lan;
    data.set([channel, medium, protocol, (channel === serialChannel ? singleSession : multiSession) | sessionCount]);
    data.writeUIntLE(vendorId, 4, 3);
    return data;
  },
});
