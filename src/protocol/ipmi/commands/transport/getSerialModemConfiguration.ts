/** Get Serial/Modem Configuration (IPMI 2.0 §25.2, table 25-3). */
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { readSerialParameter, requireSerialChannel } from "./serialParameters.js";

const parameterRevision = 0x11;

interface Request {
  readonly revisionOnly: boolean;
  readonly parameter: number;
}

export const getSerialModemConfiguration = defineCommand<Request, Buffer>({
  netFn: netFn.transport,
  command: 0x11,
  name: "Get Serial/Modem Configuration",
  section: "25.2",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 4);
    const [channel = 0, parameter = 0] = data;
    requireSerialChannel(channel);
    return { revisionOnly: (channel & 0x80) !== 0, parameter };
  },
  run: ({ revisionOnly, parameter }, { bmc }) => (revisionOnly ? Buffer.alloc(0) : readSerialParameter(parameter, bmc)),
  encode: (value) => Buffer.concat([Buffer.from([parameterRevision]), value]),
});
