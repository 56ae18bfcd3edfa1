/** Set Serial/Modem Configuration (IPMI 2.0 §25.1, table 25-2): takes the values that are there, as `bmc-config --commit` does. */
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { readSerialParameter, requireSerialChannel } from "./serialParameters.js";

/** Parameter 0 is a lock, which is not needed where nothing changes. */
const setInProgress = 0;

interface Request {
  readonly parameter: number;
  readonly data: Buffer;
}

export const setSerialModemConfiguration = defineCommand<Request>({
  netFn: netFn.transport,
  command: 0x10,
  name: "Set Serial/Modem Configuration",
  section: "25.1",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 3, 255);
    requireSerialChannel(data.readUInt8(0));
    return { parameter: data.readUInt8(1), data: data.subarray(2) };
  },
  run: ({ parameter, data }, { bmc }) => {
    const value = readSerialParameter(parameter, bmc);
    if (parameter !== setInProgress && !data.equals(value)) {
      throw new CompletionError(completionCode.readOnlyParameter, `serial parameter ${parameter} is read-only`);
    }
  },
});
