/** What a VirtualMachine object is there for: a view of VMs holds more than machines that can be used. */
import type { Properties } from "./properties.js";
import { numberOf, textOf } from "./soapValue.js";

/**
 * `system`: an agent that vSphere runs for itself (vCLS), `secondary`: the shadow of a fault-tolerant VM, which has the
 * name of the VM that it shadows.
 */
export type MachineRole = "machine" | "template" | "system" | "secondary";

/** What `roleOf` looks at. */
export const rolePaths = ["config.template", "config.managedBy.extensionKey", "config.ftInfo.role"] as const;

const agentManager = "com.vmware.vim.eam";
/** FaultToleranceConfigInfo.role of the VM that runs; shadows count from 2. */
const primaryRole = 1;

export function roleOf(properties: Properties): MachineRole {
  if (isTemplate(properties)) {
    return "template";
  }
  if (textOf(properties.get("config.managedBy.extensionKey")) === agentManager) {
    return "system";
  }
  return (numberOf(properties.get("config.ftInfo.role")) ?? primaryRole) > primaryRole ? "secondary" : "machine";
}

export function isTemplate(properties: Properties): boolean {
  return textOf(properties.get("config.template")) === "true";
}
