/** Get and Set SEL Time UTC Offset (IPMI 2.0 §31.11a-b). */
import { isUtcOffset } from "../../../../model/bmc/clock.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { invalidField, requireDataLength } from "../../requestData.js";

export const getSelTimeUtcOffset = defineCommand<undefined, number>({
  netFn: netFn.storage,
  command: 0x5c,
  name: "Get SEL Time UTC Offset",
  section: "31.11a",
  privilege: privilege.user,
  run: (_request, { bmc }) => bmc.clock.utcOffset(),
  encode: (minutes) => {
    const data = Buffer.alloc(2);
    data.writeInt16LE(minutes);
    return data;
  },
});

export const setSelTimeUtcOffset = defineCommand<number>({
  netFn: netFn.storage,
  command: 0x5d,
  name: "Set SEL Time UTC Offset",
  section: "31.11b",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 2);
    const minutes = data.readInt16LE(0);
    if (!isUtcOffset(minutes)) {
      throw invalidField(`UTC offset of ${minutes} minutes`);
    }
    return minutes;
  },
  run: async (minutes, { bmc }) => {
    await bmc.clock.setUtcOffset(minutes);
  },
});
