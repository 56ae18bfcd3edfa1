/** The reply to `vbmc discover`. */
import type { Cell, ControlResponse } from "../../control/messages.js";
import type { DiscoveredMachine } from "../../model/machine/discoveredMachine.js";

/** A row for each VM; the client sorts. */
export function renderDiscovered(machines: readonly DiscoveredMachine[]): ControlResponse {
  const rows = machines.map(({ name, instanceUuid, powerState, toolsRunning }): Cell[] => [
    name,
    instanceUuid ?? null,
    powerState ?? null,
    toolsRunning === undefined ? null : toolsRunning ? "running" : "not running",
  ]);
  return { rc: 0, header: ["VM name", "Instance UUID", "Power", "Tools"], rows };
}
