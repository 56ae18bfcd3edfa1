/** Delete SEL Entry (IPMI 2.0 §31.8, table 31-8). */
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { requireReservation } from "./requireReservation.js";
import { selRecordWithId } from "./selRecordId.js";

export const deleteSelEntry = defineCommand<{ reservation: number; id: number }, number>({
  netFn: netFn.storage,
  command: 0x46,
  name: "Delete SEL Entry",
  section: "31.8",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 4);
    return { reservation: data.readUInt16LE(0), id: data.readUInt16LE(2) };
  },
  run: async ({ reservation, id }, { bmc }) => {
    requireReservation(bmc.selReservation, reservation);
    const found = selRecordWithId(bmc.sel, id).readUInt16LE(0);
    if (!(await bmc.sel.delete(found, bmc.clock.now()))) {
      throw new CompletionError(completionCode.notPresent, `the SEL has no record ${found}`);
    }
    return found;
  },
  encode: (id) => {
    const data = Buffer.alloc(2);
    data.writeUInt16LE(id);
    return data;
  },
});
