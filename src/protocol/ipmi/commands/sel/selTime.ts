/** Get and Set SEL Time (IPMI 2.0 §31.10-11). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

export const getSelTime = defineCommand<undefined, number>({
  netFn: netFn.storage,
  command: 0x48,
  name: "Get SEL Time",
  section: "31.10",
  privilege: privilege.user,
  run: (_request, { bmc }) => bmc.clock.now(),
  encode: (seconds) => {
    const data = Buffer.alloc(4);
    data.writeUInt32LE(seconds);
    return data;
  },
});

export const setSelTime = defineCommand<number>({
  netFn: netFn.storage,
  command: 0x49,
  name: "Set SEL Time",
  section: "31.11",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 4);
    return data.readUInt32LE(0);
  },
  run: async (seconds, { bmc }) => {
    await bmc.clock.set(seconds);
  },
});
