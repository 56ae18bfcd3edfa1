/** Power limits (DCMI 1.5 §6.6.2-4): vSphere has none for a VM. */
import { type Command, defineCommand, refuses } from "../../command.js";
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

function refused(command: number, name: string, section: string, length: number): Command {
  return defineCommand({
    ...dcmiGroup,
    command,
    name,
    section,
    privilege: privilege.operator,
    decode: (data) => {
      requireDataLength(data, length);
    },
    run: refuses(completionCode.notSupportedInPresentState, "a VM has no power limit"),
  });
}

export const setPowerLimit = refused(0x04, "Set Power Limit", "DCMI 1.5 §6.6.3", 14);
export const activatePowerLimit = refused(0x05, "Activate/Deactivate Power Limit", "DCMI 1.5 §6.6.4", 3);
