/** Power limits (DCMI 1.5 §6.6.2-4): vSphere has none for a VM. */
import { defineCommand } from "../../command.js";
import { completionCode, CompletionError } from "../../completionCode.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { dcmiGroup } from "./dcmiCommand.js";

/** Command-specific: no active set power limit (table 6-17). */
const noPowerLimit = 0x80;

export const getPowerLimit = defineCommand({
  ...dcmiGroup,
  command: 0x03,
  name: "Get Power Limit",
  section: "DCMI 1.5 §6.6.2",
  privilege: privilege.user,
  decode: (data) => {
    requireDataLength(data, 2);
  },
  run: () => {
    // The completion code comes with the data of an inactive limit: no action, 0 W, 0 ms, 0 s.
    throw new CompletionError(noPowerLimit, "there is no power limit", Buffer.from([dcmiGroup.group, ...limitData]));
  },
});

const limitData: readonly number[] = Array<number>(13).fill(0);

const noLimit = (): CompletionError =>
  new CompletionError(completionCode.notSupportedInPresentState, "a VM has no power limit");

/** A limit of zeros is none, which is how it is: FreeIPMI's ipmi-config writes back what it has read. */
export const setPowerLimit = defineCommand<boolean>({
  ...dcmiGroup,
  command: 0x04,
  name: "Set Power Limit",
  section: "DCMI 1.5 §6.6.3",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 14);
    return data.some((byte) => byte !== 0);
  },
  run: (isLimit) => {
    if (isLimit) {
      throw noLimit();
    }
  },
});

const deactivate = 0x00;

export const activatePowerLimit = defineCommand<number>({
  ...dcmiGroup,
  command: 0x05,
  name: "Activate/Deactivate Power Limit",
  section: "DCMI 1.5 §6.6.4",
  privilege: privilege.operator,
  decode: (data) => {
    requireDataLength(data, 3);
    return data.readUInt8(0);
  },
  run: (activation) => {
    if (activation !== deactivate) {
      throw noLimit();
    }
  },
});
