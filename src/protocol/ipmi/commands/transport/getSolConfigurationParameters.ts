/** Get SOL Configuration Parameters (IPMI 2.0 §26.3, table 26-4). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { solParameter } from "./setSolConfigurationParameters.js";

const parameterRevision = 0x11;

interface Request {
  readonly revisionOnly: boolean;
  readonly parameter: number;
}

export const getSolConfigurationParameters = defineCommand<Request, Buffer>({
  netFn: netFn.transport,
  command: 0x22,
  name: "Get SOL Configuration Parameters",
  section: "26.3",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 4);
    const [channel = 0, parameter = 0] = data;
    resolveChannel(channel);
    return { revisionOnly: (channel & 0x80) !== 0, parameter };
  },
  run: ({ revisionOnly, parameter }, { bmc }) => (revisionOnly ? Buffer.alloc(0) : solParameter(parameter).read(bmc)),
  encode: (value) => Buffer.concat([Buffer.from([parameterRevision]), value]),
});
