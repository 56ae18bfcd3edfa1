/** The power actions, by the names that people see (DSP0268 "ComputerSystem.Reset"). */
import type { RedfishClient } from "../redfish/client.js";
import { complete } from "../redfish/tasks.js";

export const powerActions = [
  { label: "Power on", resetType: "On", needsOn: false },
  { label: "Shut down", resetType: "GracefulShutdown", needsOn: true },
  { label: "Power off", resetType: "ForceOff", needsOn: true },
  { label: "Reset", resetType: "ForceRestart", needsOn: true },
  { label: "Power cycle", resetType: "PowerCycle", needsOn: true },
  { label: "Send NMI", resetType: "Nmi", needsOn: true },
] as const;

export type PowerAction = (typeof powerActions)[number];

/** Rejects with RedfishFailure. */
export async function reset(client: RedfishClient, systemUri: string, { resetType }: PowerAction): Promise<void> {
  await complete(client, await client.post(`${systemUri}/Actions/ComputerSystem.Reset`, { ResetType: resetType }));
}

/** Roles that may do something to a System. */
export function mayOperate(role: string): boolean {
  return role === "Administrator" || role === "Operator";
}
