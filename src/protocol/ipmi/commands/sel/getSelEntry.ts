/** Get SEL Entry (IPMI 2.0 §31.5, table 31-5). */
import { selRecordLength } from "../../../../model/sel/sel.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import {
  decodeRecordRequest,
  encodeRecordPart,
  noNextRecord,
  type RecordPart,
  type RecordRequest,
  wholeRecord,
} from "../../recordPart.js";
import { requireReservationOrNone } from "./requireReservation.js";
import { selRecordWithId } from "./selRecordId.js";

export const getSelEntry = defineCommand<RecordRequest, RecordPart>({
  netFn: netFn.storage,
  command: 0x43,
  name: "Get SEL Entry",
  section: "31.5",
  privilege: privilege.user,
  decode: decodeRecordRequest,
  run: ({ reservation, id, offset, count }, { bmc }) => {
    // Only a partial read needs a reservation: a whole record cannot change between two requests.
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
  encode: encodeRecordPart,
});
