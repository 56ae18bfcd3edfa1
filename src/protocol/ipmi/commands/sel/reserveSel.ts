/** Reserve SEL (IPMI 2.0 §31.4, table 31-4). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

export const reserveSel = defineCommand<undefined, number>({
  netFn: netFn.storage,
  command: 0x42,
  name: "Reserve SEL",
  section: "31.4",
  privilege: privilege.user,
  run: (_request, { bmc, session }) => bmc.selReservation.reserve(session?.id),
  encode: (id) => {
    const data = Buffer.alloc(2);
    data.writeUInt16LE(id);
    return data;
  },
});
