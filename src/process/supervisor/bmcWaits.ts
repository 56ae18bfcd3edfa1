/** Waits for a BMC to be up, down, or known, driven by reports. */
import { createWaits } from "../../base/async/waitUntil.js";
import type { MachineReport } from "../ipc/reports.js";
import type { RunningBmc } from "./fleetMembers.js";

export interface BmcWaits {
  /**
   * Resolves when the BMC listens or has failed, when the last reading of the files did not want it, or after
   * `timeoutMs`.
   */
  readonly whenUp: (name: string, timeoutMs: number) => Promise<void>;
  /** Resolves when the state of the BMC's VM is known, or why it is unknown, or after `timeoutMs`. */
  readonly whenKnown: (name: string, timeoutMs: number) => Promise<void>;
  /** Resolves when the BMC's port is free, or after `timeoutMs`. */
  readonly whenDown: (name: string, timeoutMs: number) => Promise<void>;
}

export interface BmcWaitsOptions {
  readonly bmcOf: (name: string) => RunningBmc | undefined;
  readonly reportOf: (name: string) => MachineReport | undefined;
  /** Whether the files want it to run. */
  readonly isDesired: (name: string) => boolean;
}

/** Call `check` after each change of a BMC or a report. */
export function createBmcWaits(options: BmcWaitsOptions): BmcWaits & { readonly check: () => void } {
  const { bmcOf, reportOf, isDesired } = options;
  const waits = createWaits();

  async function until(predicate: () => boolean, timeoutMs: number): Promise<void> {
    await waits.until(predicate, timeoutMs);
  }

  return {
    check: waits.check,
    whenUp: (name, timeoutMs) => until(() => isSettled(bmcOf(name)) || !isDesired(name), timeoutMs),
    whenKnown: (name, timeoutMs) => until(() => bmcOf(name)?.state !== "running" || isKnown(reportOf(name)), timeoutMs),
    whenDown: (name, timeoutMs) => until(() => [undefined, "starting"].includes(bmcOf(name)?.state), timeoutMs),
  };
}

function isSettled(bmc: RunningBmc | undefined): boolean {
  return bmc?.state === "running" || bmc?.state === "error";
}

/** "busy" is temporary: the connection is being opened, or the VM looked up. */
function isKnown(report: MachineReport | undefined): boolean {
  return report?.fresh === true || (report?.kind ?? "busy") !== "busy";
}
