/** Waits for a BMC to be up, down, or known, driven by reports. */
import { createWaits, type Waits } from "../../base/async/waitUntil.js";
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

export interface CheckedBmcWaits extends BmcWaits {
  /** Call it after each change of a BMC or of the report on its VM. */
  readonly check: (name: string) => void;
  /** Call it when the files have been read. */
  readonly checkAll: () => void;
}

export function createBmcWaits(options: BmcWaitsOptions): CheckedBmcWaits {
  const { bmcOf, reportOf, isDesired } = options;
  /** By BMC: with one list for all, each change would look at every BMC that is waited for. */
  const waiting = new Map<string, { readonly waits: Waits; count: number }>();

  async function until(name: string, predicate: () => boolean, timeoutMs: number): Promise<void> {
    const entry = waiting.get(name) ?? { waits: createWaits(), count: 0 };
    waiting.set(name, entry);
    entry.count++;
    await entry.waits.until(predicate, timeoutMs);
    entry.count--;
    if (entry.count === 0) {
      waiting.delete(name);
    }
  }

  return {
    check: (name) => waiting.get(name)?.waits.check(),
    checkAll: () => waiting.forEach(({ waits }) => waits.check()),
    whenUp: (name, timeoutMs) => until(name, () => isSettled(bmcOf(name)) || !isDesired(name), timeoutMs),
    whenKnown: (name, timeoutMs) =>
      until(name, () => bmcOf(name)?.state !== "running" || isKnown(reportOf(name)), timeoutMs),
    whenDown: (name, timeoutMs) => until(name, () => [undefined, "starting"].includes(bmcOf(name)?.state), timeoutMs),
  };
}

function isSettled(bmc: RunningBmc | undefined): boolean {
  return bmc?.state === "running" || bmc?.state === "error";
}

/** "busy" is temporary: the connection is being opened, or the VM looked up. */
function isKnown(report: MachineReport | undefined): boolean {
  return report?.fresh === true || (report?.kind ?? "busy") !== "busy";
}
