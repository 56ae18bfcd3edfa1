/**
 * Get Device GUID and Get System GUID (IPMI 2.0 §20.8, §22.14): both are the VM's UUID, since the BMC belongs to one
 * VM.
 */
import { type Command, defineCommand } from "../../command.js";
import { netFn } from "../../netFn.js";
import { type Privilege, privilege } from "../../privilege.js";

function guidCommand(command: number, name: string, section: string, level: Privilege): Command {
  return defineCommand<undefined, Buffer>({
    netFn: netFn.app,
    command,
    name,
    section,
    privilege: level,
    run: (_request, { bmc }) => bmc.guid(),
    encode: (guid) => guid,
  });
}

export const getDeviceGuid = guidCommand(0x08, "Get Device GUID", "20.8", privilege.user);
export const getSystemGuid = guidCommand(0x37, "Get System GUID", "22.14", privilege.none);
