/** Get SEL Info (IPMI 2.0 §31.2, table 31-2). */
import { type Sel, selCapacity, selRecordLength } from "../../../../model/sel/sel.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

/** 51h in BCD with the digits swapped: the version of IPMI 1.5 and 2.0. */
const selVersion = 0x51;
/** Delete, reserve and allocation info; a partial add is not supported. */
const operationSupport = 0x0b;
const overflow = 0x80;

export const getSelInfo = defineCommand<undefined, Sel>({
  netFn: netFn.storage,
  command: 0x40,
  name: "Get SEL Info",
  section: "31.2",
  privilege: privilege.user,
  run: (_request, { bmc }) => bmc.sel,
  encode: (sel) => {
    const data = Buffer.alloc(14);
    data.writeUInt8(selVersion, 0);
    data.writeUInt16LE(sel.count(), 1);
    // FFFFh means that many or more.
    data.writeUInt16LE(Math.min((selCapacity - sel.count()) * selRecordLength, 0xffff), 3);
    data.writeUInt32LE(sel.lastAddition(), 5);
    data.writeUInt32LE(sel.lastErase(), 9);
    data.writeUInt8(operationSupport | (sel.hasOverflowed() ? overflow : 0), 13);
    return data;
  },
});
