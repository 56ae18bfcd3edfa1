/** Get Channel Authentication Capabilities (IPMI 2.0 §22.13, tables 22-15 and 22-16). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

/** Bits of the authentication type support byte. */
const supportBit = { none: 0x01, md5: 0x04, password: 0x10, extended: 0x80 } as const;
/** Authentication status: KG is not the default, and named users exist. */
const kgSet = 0x20;
const nonNullUserNames = 0x04;
const ipmi20Connections = 0x02;
const ipmi15Connections = 0x01;

interface Response {
  readonly channel: number;
  readonly support: number;
  readonly status: number;
  readonly extended: number;
}

export const getChannelAuthenticationCapabilities = defineCommand<
  { channel: number; wantsExtended: boolean },
  Response
>({
  netFn: netFn.app,
  command: 0x38,
  name: "Get Channel Authentication Capabilities",
  section: "22.13",
  privilege: privilege.none,
  decode: (data) => {
    requireDataLength(data, 2);
    const level = data.readUInt8(1) & 0x0f;
    if (level === 0 || level > privilege.administrator) {
      throw invalidField(`privilege level ${level}`);
    }
    return { channel: resolveChannel(data.readUInt8(0)), wantsExtended: (data.readUInt8(0) & 0x80) !== 0 };
  },
  run: ({ channel, wantsExtended }, { bmc }) => {
    const ipmi15 = bmc.ipmi15Auth.reduce((bits, type) => bits | supportBit[type], 0);
    return {
      channel,
      support: ipmi15 | (wantsExtended ? supportBit.extended : 0),
      status: nonNullUserNames | (bmc.kg && wantsExtended ? kgSet : 0),
      // ipmiping, ipmiutil and pyipmi send the request without the bit, and do not expect extended data.
      extended: wantsExtended ? ipmi20Connections | (ipmi15 === 0 ? 0 : ipmi15Connections) : 0,
    };
  },
  encode: ({ channel, support, status, extended }) => Buffer.from([channel, support, status, extended, 0, 0, 0, 0]),
});
