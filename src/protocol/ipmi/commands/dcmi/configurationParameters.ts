/**
 * Get and Set DCMI Configuration Parameters (DCMI 1.5 §6.1.2-3, table 6-6): all concern DHCP, which only the host uses.
 */
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { privilege } from "../../privilege.js";
import { requireUnchanged } from "../../readOnly.js";
import { requireDataLength } from "../../requestData.js";
import { conformance, dcmiGroup } from "./dcmiCommand.js";

const parameterRevision = 0x01;

/** The default values: activation, discovery by neither option, and the recommended times in seconds. */
const values: Readonly<Record<number, readonly number[]>> = {
  1: [0x00],
  2: [0x00],
  /** Initial time-out interval. */
  3: [0x04],
  /** Server contact time-out interval. */
  4: [0x78, 0x00],
  /** Server contact retry interval. */
  5: [0x40, 0x00],
};

function valueOf(selector: number): readonly number[] {
  const value = values[selector];
  if (!value) {
    throw new CompletionError(completionCode.parameterNotSupported, `DCMI configuration parameter ${selector}`);
  }
  return value;
}

export const getDcmiConfigurationParameters = defineCommand<number, readonly number[]>({
  ...dcmiGroup,
  command: 0x13,
  name: "Get DCMI Configuration Parameters",
  section: "DCMI 1.5 §6.1.3",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
    return data.readUInt8(0);
  },
  run: valueOf,
  encode: (value) => Buffer.from([...conformance, parameterRevision, ...value]),
});

export const setDcmiConfigurationParameters = defineCommand<{ selector: number; value: Buffer }>({
  ...dcmiGroup,
  command: 0x12,
  name: "Set DCMI Configuration Parameters",
  section: "DCMI 1.5 §6.1.2",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 3, 5);
    // After the set selector.
    return { selector: data.readUInt8(0), value: data.subarray(2) };
  },
  run: ({ selector, value }) => {
    requireUnchanged(Buffer.from(valueOf(selector)), value, "the BMC uses the host's address, not DHCP");
  },
});
