/** Classifies VirtualMachine objects: a view of VMs also holds ones that a BMC cannot use. */
import type { Properties } from "./properties.js";
import { numberOf, textOf } from "./soapValue.js";

/**
 * `system`: an agent VM of vSphere itself (vCLS); `secondary`: the shadow of a fault-tolerant VM, which has the same name.
 */
export type MachineRole = "machine" | "template" | "system" | "secondary";

/** The properties that `roleOf` reads. */
export const rolePaths = ["config.template", "config.managedBy.extensionKey", "config.ftInfo.role"] as const;

const agentManager = "com.vmware.vim.eam";
/** FaultToleranceConfigInfo.role of the primary VM; shadows count from 2. */
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
