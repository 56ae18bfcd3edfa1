/** Get and Set Thermal Limit (DCMI 1.5 §6.7.1-2): a VM has no inlet temperature that could be limited. */
import { type Command, defineCommand, refuses } from "../../command.js";
import { completionCode } from "../../completionCode.js";
import { type Privilege, privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { dcmiGroup } from "./dcmiCommand.js";

function thermalCommand(command: number, name: string, section: string, level: Privilege, length: number): Command {
  return defineCommand({
    ...dcmiGroup,
    command,
    name,
    section,
    privilege: level,
    decode: (data) => {
      requireDataLength(data, length);
    },
    run: refuses(completionCode.notPresent, "there is no inlet temperature"),
  });
}

export const setThermalLimit = thermalCommand(0x0b, "Set Thermal Limit", "DCMI 1.5 §6.7.2", privilege.operator, 6);
export const getThermalLimit = thermalCommand(0x0c, "Get Thermal Limit", "DCMI 1.5 §6.7.1", privilege.user, 2);
