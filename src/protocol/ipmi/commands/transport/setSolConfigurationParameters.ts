/** Set SOL Configuration Parameters (IPMI 2.0 §26.2, table 26-3). */
import { resolveChannel } from "../../channelNumber.js";
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { type SolParameter, solParameters } from "./solParameters.js";

interface Request {
  readonly parameter: number;
  readonly data: Buffer;
}

/** Throws 80h for a number that is not known. */
export function solParameter(number: number): SolParameter {
  const parameter = solParameters[number];
  if (!parameter) {
    throw new CompletionError(completionCode.parameterNotSupported, `SOL parameter ${number}`);
  }
  return parameter;
}

export const setSolConfigurationParameters = defineCommand<Request>({
  netFn: netFn.transport,
  command: 0x21,
  name: "Set SOL Configuration Parameters",
  section: "26.2",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 3, 255);
    resolveChannel(data.readUInt8(0));
    return { parameter: data.readUInt8(1), data: data.subarray(2) };
  },
  run: async ({ parameter, data }, { bmc, session, sol }) => {
    const { read, write } = solParameter(parameter);
    if (write) {
      await write(data, bmc);
      if (!bmc.sol.kept().isEnabled && sol.owner()) {
        sol.deactivate(session?.id);
      }
    } else if (!data.equals(read(bmc))) {
      // The value that it has may be set, as a tool does that writes back what it has read.
      throw new CompletionError(completionCode.readOnlyParameter, `SOL parameter ${parameter} is read-only`);
    }
  },
});
