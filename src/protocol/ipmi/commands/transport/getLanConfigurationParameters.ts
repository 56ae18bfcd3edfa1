/** Get LAN Configuration Parameters (IPMI 2.0 §23.2, table 23-3). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { lanParameters } from "./lanParameters.js";

const parameterRevision = 0x11;

interface Request {
  readonly revisionOnly: boolean;
  readonly parameter: number;
  readonly setSelector: number;
}

export const getLanConfigurationParameters = defineCommand<Request, Buffer>({
  netFn: netFn.transport,
  command: 0x02,
  name: "Get LAN Configuration Parameters",
  section: "23.2",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 4);
    const [channel = 0, parameter = 0, setSelector = 0] = data;
    resolveChannel(channel);
    return { revisionOnly: (channel & 0x80) !== 0, parameter, setSelector };
  },
  run: ({ revisionOnly, parameter, setSelector }, { bmc }) => {
    if (revisionOnly) {
      return Buffer.alloc(0);
    }
    const value = lanParameters[parameter]?.(bmc, setSelector);
    if (!value) {
      throw new CompletionError(completionCode.parameterNotSupported, `LAN parameter ${parameter}`);
    }
    return value;
  },
  encode: (value) => Buffer.concat([Buffer.from([parameterRevision]), value]),
});
