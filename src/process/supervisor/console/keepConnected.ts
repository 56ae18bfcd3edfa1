/**
 * Checks every few seconds for VMs that are on and have not connected to the concentrator, and reconnects their serial
 * ports.
 */
import { deadlineIn } from "../../../base/async/deadline.js";
import type { Log } from "../../../io/log/log.js";
import type { MachineOperations } from "../../../model/machine/operation.js";
import type { MachineReport } from "../../ipc/reports.js";
import { serviceUriOf } from "../../ipc/serviceUri.js";
import type { Relay } from "../relay.js";
import type { Consoles } from "./consoles.js";
import { createReconnects, type ReconnectCandidate } from "./reconnects.js";

export interface KeepConnectedOptions {
  readonly consoles: Pick<Consoles, "fault" | "modeOf" | "stateOf" | "tokenOf">;
  /** BMCs with a console. */
  readonly names: () => Iterable<string>;
  readonly reportOf: (name: string) => MachineReport | undefined;
  readonly operate: Relay["operate"];
  readonly log: Log;
}

/** Two tasks of vCenter, which may have others to do. */
const reconnectTimeoutMs = 60_000;
const checkIntervalMs = 5_000;

/** Until what it gives is called. */
export function keepConnected({ consoles, names, reportOf, operate, log }: KeepConnectedOptions): () => void {
  /** VMs that are to connect by themselves; none while they cannot. */
  function candidates(): ReconnectCandidate[] {
    const dialling = [...names()].filter((name) => consoles.modeOf(name)?.kind === "concentrator");
    return (consoles.fault === undefined ? dialling : []).map((name) => {
      const report = reportOf(name);
      const isOn = report?.fresh === true && report.snapshot.powerState === "poweredOn";
      return { name, isOn, isConnected: consoles.stateOf(name)?.connectedSince !== undefined };
    });
  }

  async function reconnect(vmName: string): Promise<boolean> {
    const token = await consoles.tokenOf(vmName);
    if (token === undefined) {
      return false;
    }
    const operation = { name: "reconnectConsole", serviceUri: serviceUriOf(vmName, token) } as const;
    const result = await operate({ vmName, operation, deadline: deadlineIn(reconnectTimeoutMs) });
    if (!result.ok) {
      throw new Error(result.message);
    }
    const value = result.value as MachineOperations["reconnectConsole"]["result"];
    return value?.isReconnected ?? true;
  }

  const { check } = createReconnects({ consoles: candidates, reconnect, log, now: Date.now });
  const timer = setInterval(check, checkIntervalMs).unref();
  return () => clearInterval(timer);
}
