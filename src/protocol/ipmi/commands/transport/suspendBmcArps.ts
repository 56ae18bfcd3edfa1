/** Suspend BMC ARPs (IPMI 2.0 §23.3, table 23-5): the host's kernel answers ARP, so there is nothing to suspend. */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

/** Neither ARP responses nor gratuitous ARPs occur. */
const noArps = 0x00;

export const suspendBmcArps = defineCommand({
  netFn: netFn.transport,
  command: 0x03,
  name: "Suspend BMC ARPs",
  section: "23.3",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 2);
    resolveChannel(data.readUInt8(0));
  },
  encode: () => Buffer.from([noArps]),
});
