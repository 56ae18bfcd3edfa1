/** Get and Set PEF Configuration Parameters (IPMI 2.0 §30.3-4, table 30-6): nothing can be set. */
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";

const parameterRevision = 0x11;
/** "The BMC uses the GUID of Get System GUID", and space for another one. */
const systemGuid = [0x00, ...Array<number>(16).fill(0)];

/** The tables of filters, policies and strings have no entries, and so no parameters. */
const values: Readonly<Record<number, readonly number[]>> = {
  /** Set in progress: complete. */
  0: [0x00],
  /** PEF control: disabled. */
  1: [0x00],
  /** PEF action global control: none enabled. */
  2: [0x00],
  /** Startup delay, and that of alerts, in seconds. */
  3: [0],
  4: [0],
  /** Number of event filters. */
  5: [0],
  /** Number of alert policy entries. */
  8: [0],
  10: systemGuid,
  /** Number of alert strings. */
  11: [0],
};

function valueOf(parameter: number): readonly number[] {
  const value = values[parameter];
  if (!value) {
    throw new CompletionError(completionCode.parameterNotSupported, `PEF parameter ${parameter}`);
  }
  return value;
}

interface Request {
  readonly revisionOnly: boolean;
  readonly parameter: number;
}

export const getPefConfigurationParameters = defineCommand<Request, readonly number[]>({
  netFn: netFn.sensorEvent,
  command: 0x13,
  name: "Get PEF Configuration Parameters",
  section: "30.4",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 3);
    const selector = data.readUInt8(0);
    return { revisionOnly: (selector & 0x80) !== 0, parameter: selector & 0x7f };
  },
  run: ({ revisionOnly, parameter }) => (revisionOnly ? [] : valueOf(parameter)),
  encode: (value) => Buffer.from([parameterRevision, ...value]),
});

export const setPefConfigurationParameters = defineCommand<number>({
  netFn: netFn.sensorEvent,
  command: 0x12,
  name: "Set PEF Configuration Parameters",
  section: "30.3",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 1, 255);
    return data.readUInt8(0) & 0x7f;
  },
  run: (parameter) => {
    valueOf(parameter);
    throw new CompletionError(completionCode.readOnlyParameter, "there is no platform event filtering");
  },
});
