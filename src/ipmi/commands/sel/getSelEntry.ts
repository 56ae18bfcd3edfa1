/** Get SEL Entry (IPMI 2.0 §31.5, table 31-5). */
import { selRecordLength } from "../../../bmc/sel.js";
import { defineCommand } from "../../command.js";
import { CompletionError, completionCode } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { requireReservationOrNone } from "./requireReservation.js";
import { selRecordWithId } from "./selRecordId.js";

interface Request {
  readonly reservation: number;
  readonly id: number;
  readonly offset: number;
  /** FFh: to the end. */
  readonly count: number;
}

const wholeRecord = 0xff;
const noNextRecord = 0xffff;

export const getSelEntry = defineCommand<Request, { next: number; bytes: Buffer }>({
  netFn: netFn.storage,
  command: 0x43,
  name: "Get SEL Entry",
  section: "31.5",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 6);
    return {
      reservation: data.readUInt16LE(0),
      id: data.readUInt16LE(2),
      offset: data.readUInt8(4),
      count: data.readUInt8(5),
    };
  },
  run: ({ reservation, id, offset, count }, { bmc }) => {
    // A reservation is needed for a part only: a whole record cannot change between two requests.
    if (offset !== 0) {
      requireReservationOrNone(bmc.selReservation, reservation);
    }
    const record = selRecordWithId(bmc.sel, id);
    const end = count === wholeRecord ? selRecordLength : offset + count;
    if (offset >= selRecordLength || end > selRecordLength) {
      throw new CompletionError(completionCode.parameterOutOfRange, `bytes ${offset} to ${end} of a record`);
    }
    return {
      next: bmc.sel.idAfter(record.readUInt16LE(0)) ?? noNextRecord,
      bytes: record.subarray(offset, end),
    };
  },
  encode: ({ next, bytes }) => {
    const data = Buffer.alloc(2);
    data.writeUInt16LE(next);
    return Buffer.concat([data, bytes]);
  },
});
