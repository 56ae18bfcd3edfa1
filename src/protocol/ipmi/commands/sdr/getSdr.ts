/** Get SDR and Get Device SDR (IPMI 2.0 §33.12, §35.3): the repository and the BMC's own sensors are the same. */
import { type Command, defineCommand } from "../../command.js";
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
import { requireReservationOrNone } from "../sel/requireReservation.js";

const lastRecord = 0xffff;

function readCommand(row: Pick<Command, "netFn" | "command" | "name" | "section">): Command {
  return defineCommand<RecordRequest, RecordPart>({
    ...row,
    privilege: privilege.user,
    decode: decodeRecordRequest,
    run: ({ reservation, id, offset, count }, { bmc }) => {
      // The first part identifies the record; the following parts must be from the same record.
      if (offset !== 0) {
        requireReservationOrNone(bmc.sdrReservation, reservation);
      }
      const records = bmc.sdr.records();
      // Records are numbered from 1; 0 means the first one.
      const position = id === lastRecord ? records.length - 1 : Math.max(id - 1, 0);
      const record = records[position];
      if (!record) {
        throw new CompletionError(completionCode.notPresent, `there is no sensor data record ${id}`);
      }
      // Clients request pieces of 16 bytes up to the end, whatever the length is.
      if (offset > record.length || (offset === record.length && count !== 0)) {
        throw new CompletionError(completionCode.parameterOutOfRange, `byte ${offset} of a record`);
      }
      const end = count === wholeRecord ? record.length : Math.min(offset + count, record.length);
      return {
        next: position + 1 < records.length ? position + 2 : noNextRecord,
        bytes: record.subarray(offset, end),
      };
    },
    encode: encodeRecordPart,
  });
}

export const getSdr = readCommand({ netFn: netFn.storage, command: 0x23, name: "Get SDR", section: "33.12" });
export const getDeviceSdr = readCommand({
  netFn: netFn.sensorEvent,
  command: 0x21,
  name: "Get Device SDR",
  section: "35.3",
});
