/** Cold Reset and Warm Reset (IPMI 2.0 §20.2-3): restarts the BMC; the VM is unaffected. */
import { type Command, defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";

function resetCommand(command: number, name: string, section: string, forgets: boolean): Command {
  return defineCommand({
    netFn: netFn.app,
    command,
    name,
    section,
    privilege: privilege.administrator,
    run: (_request, { bmc, sessions }) => {
      if (forgets) {
        bmc.coldReset();
      }
      // The reply is still sent in this session.
      sessions.dismissAll();
    },
  });
}

export const coldReset = resetCommand(0x02, "Cold Reset", "20.2", true);
export const warmReset = resetCommand(0x03, "Warm Reset", "20.3", false);
