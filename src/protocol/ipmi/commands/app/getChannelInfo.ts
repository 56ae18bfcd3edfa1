/** Get Channel Info (IPMI 2.0 §22.24, table 22-31). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

const medium8023Lan = 0x04;
const protocolIpmb = 0x01;
/** Multi-session. */
const sessionSupport = 0x80;
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
    return resolveChannel(data.readUInt8(0));
  },
  run: (channel, { sessions }) => ({ channel, sessionCount: Math.min(sessions.active().length, 0x3f) }),
  encode: ({ channel, sessionCount }) => {
    const data = Buffer.alloc(9);
    data.set([channel, medium8023Lan, protocolIpmb, sessionSupport | sessionCount]);
    data.writeUIntLE(vendorId, 4, 3);
    return data;
  },
});
