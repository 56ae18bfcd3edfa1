/** The serial console of the system, which clients reach by IPMI's Serial over LAN. */
import type { Bmc } from "../../../model/bmc/bmc.js";
import type { JsonObject } from "../json.js";

/** One activation at a time, as over IPMI. */
const maxSessions = 1;

/** The UDP port of Serial over LAN; undefined: the BMC has no console, or it is disabled (SOL parameter 1). */
export function solPortOf({ console, sol, solPort }: Bmc): number | undefined {
  return console !== undefined && sol.kept().isEnabled ? solPort() : undefined;
}

/** ComputerSystem.SerialConsole */
export function systemSerialConsole(solPort: number | undefined): JsonObject {
  return solPort === undefined
    ? { IPMI: { ServiceEnabled: false } }
    : {
        MaxConcurrentSessions: maxSessions,
        IPMI: { ServiceEnabled: true, Port: solPort, SharedWithManagerCLI: false },
      };
}

/** Manager.SerialConsole */
export function managerSerialConsole(bmc: Bmc): JsonObject {
  return solPortOf(bmc) === undefined
    ? { ServiceEnabled: false, MaxConcurrentSessions: 0, ConnectTypesSupported: [] }
    : { ServiceEnabled: true, MaxConcurrentSessions: maxSessions, ConnectTypesSupported: ["IPMI"] };
}
