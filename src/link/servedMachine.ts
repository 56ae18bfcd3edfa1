/** One VM that the link serves: where it is in vCenter, what is known of it, and who waits for news of it. */
import type { MachineError } from "../machine/errors.js";
import type { MachineSnapshot, PowerState } from "../machine/snapshot.js";
import type { MachineReport, ServedMachine } from "../child/messages.js";
import type { MoRef } from "../vsphere/moRef.js";
import type { BootRestorer } from "./bootRestorer.js";
import type { VirtualMachine } from "../vsphere/virtualMachine.js";

export interface ServedVm {
  readonly vmName: string;
  readonly machine: ServedMachine;
  reference: MoRef | undefined;
  virtualMachine: VirtualMachine | undefined;
  bootRestorer: BootRestorer | undefined;
  /** Why operations cannot be done now. */
  problem: MachineError | undefined;
  readonly snapshot: () => MachineSnapshot | undefined;
  /** Takes the news and passes it on. */
  readonly tell: (news: MachineSnapshot | MachineError) => void;
  readonly awaitPowerState: (state: PowerState, timeoutMs: number) => Promise<void>;
}

export function createServedVm(machine: ServedMachine, report: (report: MachineReport) => void): ServedVm {
  let snapshot: MachineSnapshot | undefined;
  const waiting = new Set<() => void>();

  const served: ServedVm = {
    vmName: machine.vmName,
    machine,
    reference: undefined,
    virtualMachine: undefined,
    bootRestorer: undefined,
    problem: undefined,
    snapshot: () => snapshot,
    tell: (news) => {
      if (news instanceof Error) {
        snapshot = undefined;
        served.problem = news;
        report({ fresh: false, kind: news.kind, reason: news.message });
      } else {
        snapshot = news;
        served.problem = undefined;
        report({ fresh: true, snapshot: news });
      }
      waiting.forEach((check) => check());
    },
    awaitPowerState: (state, timeoutMs) =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          waiting.delete(check);
          resolve();
        };
        const check = (): void => {
          if (snapshot?.powerState === state) {
            finish();
          }
        };
        const timer = setTimeout(finish, timeoutMs);
        waiting.add(check);
        check();
      }),
  };
  return served;
}
