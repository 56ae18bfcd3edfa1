/** Get Payload Instance Info (IPMI 2.0 §24.5, table 24-7): session ID 0, since no instance is ever activated. */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

const sessionIdAndPayloadInfo = 12;

export const getPayloadInstanceInfo = defineCommand({
  netFn: netFn.app,
  command: 0x4b,
  name: "Get Payload Instance Info",
  section: "24.5",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
  },
  encode: () => Buffer.alloc(sessionIdAndPayloadInfo),
});
