/** Activate Session (IPMI 2.0 §22.17, table 22-21). */
import { defineCommand, type Ipmi15Login } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

export const activateSession = defineCommand<
  Parameters<Ipmi15Login["activate"]>[0],
  ReturnType<Ipmi15Login["activate"]>
>({
  netFn: netFn.app,
  command: 0x3a,
  name: "Activate Session",
  section: "22.17",
  privilege: privilege.none,
  decode: (data) => {
    requireDataLength(data, 22);
    return {
      authType: data.readUInt8(0) & 0x0f,
      maximumPrivilege: data.readUInt8(1) & 0x0f,
      challenge: data.subarray(2, 18),
      initialOutboundSequence: data.readUInt32LE(18),
    };
  },
  run: (request, { ipmi15Login }) => ipmi15Login().activate(request),
  encode: ({ authType, sessionId, initialInboundSequence, maximumPrivilege }) => {
    const data = Buffer.alloc(10);
    data.writeUInt8(authType, 0);
    data.writeUInt32LE(sessionId, 1);
    data.writeUInt32LE(initialInboundSequence, 5);
    data.writeUInt8(maximumPrivilege, 9);
    return data;
  },
});
