/** Get and Set PEF Configuration Parameters (IPMI 2.0 §30.3-4, table 30-6): nothing can be set. */
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireUnchanged } from "../../readOnly.js";
import { requireDataLength } from "../../requestData.js";

const parameterRevision = 0x11;
/** "The BMC uses the GUID of Get System GUID", and space for another one. */
const systemGuid = [0x00, ...Array<number>(16).fill(0)];

const alertString = 13;
const alertStringBlocks = 4;
const alertStringBlockLength = 16;

interface Selectors {
  readonly set: number;
  readonly block: number;
}

type Value = readonly number[] | ((selectors: Selectors) => readonly number[] | undefined);

/** The tables for filters and policies have no entries, and so no parameters. */
const values: Readonly<Record<number, Value>> = {
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
  /** Keys of alert string 0, the volatile one, which is always there: no filter, no set. FreeIPMI asks for it. */
  12: ({ set }) => (set === 0 ? [0, 0, 0] : undefined),
  /** Alert string 0: empty. */
  [alertString]: ({ set, block }) =>
    set === 0 && block >= 1 && block <= alertStringBlocks
      ? [0, block, ...Array<number>(alertStringBlockLength).fill(0)]
      : undefined,
};

function valueOf(parameter: number, selectors: Selectors): readonly number[] {
  const value = values[parameter];
  const found = typeof value === "function" ? value(selectors) : value;
  if (!found) {
    throw new CompletionError(completionCode.parameterNotSupported, `PEF parameter ${parameter}`);
  }
  return found;
}

interface Request {
  readonly revisionOnly: boolean;
  readonly parameter: number;
  readonly selectors: Selectors;
}

export const getPefConfigurationParameters = defineCommand<Request, readonly number[]>({
  netFn: netFn.sensorEvent,
  command: 0x13,
  name: "Get PEF Configuration Parameters",
  section: "30.4",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 3);
    const [selector = 0, set = 0, block = 0] = data;
    return { revisionOnly: (selector & 0x80) !== 0, parameter: selector & 0x7f, selectors: { set, block } };
  },
  run: ({ revisionOnly, parameter, selectors }) => (revisionOnly ? [] : valueOf(parameter, selectors)),
  encode: (value) => Buffer.from([parameterRevision, ...value]),
});

export const setPefConfigurationParameters = defineCommand<{ parameter: number; data: Buffer }>({
  netFn: netFn.sensorEvent,
  command: 0x12,
  name: "Set PEF Configuration Parameters",
  section: "30.3",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 1, 255);
    return { parameter: data.readUInt8(0) & 0x7f, data: data.subarray(1) };
  },
  run: ({ parameter, data }) => {
    // Tables begin with their selectors, in what is read and in what is written.
    const [set = 0, block = 0] = data;
    const current = Buffer.from(valueOf(parameter, { set, block }));
    // Of an alert string only the bytes up to its 00h are written.
    const written = parameter === alertString ? Buffer.concat([data], Math.max(current.length, data.length)) : data;
    requireUnchanged(current, written, "there is no platform event filtering");
  },
});
