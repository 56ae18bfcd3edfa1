/** What BMCs ask of their VMs: done at the VM that is theirs now, or answered with why not, in time. */
import { type Deadline, timeLeftMs } from "../../base/async/deadline.js";
import { MachineError } from "../../model/machine/errors.js";
import { changesMachine, type MachineOperation, type MachineOperationResult } from "../../model/machine/operation.js";
import { replyReserveMs } from "../../vsphere/virtualMachine.js";
import type { LookUps } from "./lookUps.js";
import type { ServedVm } from "./servedMachine.js";

export type Operate = (
  vmName: string,
  operation: MachineOperation,
  deadline: Deadline,
) => Promise<MachineOperationResult>;

export interface MachineOperationsOptions {
  readonly viserver: string;
  readonly vm: (vmName: string) => ServedVm | undefined;
  readonly lookUps: Pick<LookUps, "now" | "asked">;
  readonly isConnected: () => boolean;
  /** Resolves once references are known to be good in the present login. */
  readonly verified: () => Promise<unknown>;
  /** Reads anew which VM the reference of this one names. */
  readonly recogniseNow: (vm: ServedVm) => Promise<void>;
}

export function createMachineOperations(options: MachineOperationsOptions): Operate {
  const { viserver, lookUps, isConnected, verified, recogniseNow } = options;

  /** What must be so before the operation may begin: the VM is known, and is the one that is meant. */
  async function makeSure(vm: ServedVm, operation: MachineOperation): Promise<void> {
    if (!isConnected()) {
      return;
    }
    await verified();
    const isChange = changesMachine(operation);
    // Its name may have changed, and nobody could tell.
    if (isChange && vm.found() && vm.machine.vmUuid === undefined && vm.news() instanceof MachineError) {
      await recogniseNow(vm);
    }
    if (vm.isRenamed() && isChange) {
      await lookUps.now();
    } else if (!vm.found() || vm.isRenamed()) {
      await lookUps.asked();
    }
  }

  function operateOn(vm: ServedVm, operation: MachineOperation, deadline: Deadline): Promise<MachineOperationResult> {
    const found = vm.found();
    if (found) {
      return found.virtualMachine.run(operation, deadline);
    }
    const news = vm.news();
    const why = news instanceof MachineError ? news : undefined;
    return Promise.resolve(
      failure(why?.kind ?? "busy", why?.message ?? `the VM of ${vm.vmName} is still being looked for in ${viserver}`),
    );
  }

  return async (vmName, operation, deadline) => {
    const vm = options.vm(vmName);
    if (!vm) {
      return failure("busy", `${vmName} is not served yet`);
    }
    if (timeLeftMs(deadline) === 0) {
      return failure("busy", "the request reached the vCenter link after its deadline and was dropped");
    }
    // Right after its start a BMC is asked before vCenter could tell anything.
    await vm.lookedUp(timeLeftMs(deadline, replyReserveMs));
    const timeoutMs = timeLeftMs(deadline, replyReserveMs);
    const certainty = await outcomeOf(makeSure(vm, operation), timeoutMs);
    if (certainty === "late" && vm.found()) {
      return failure("busy", `${viserver} has not answered within ${timeoutMs} ms`);
    }
    if (certainty === "failed" && vm.isRenamed() && changesMachine(operation)) {
      return failure("busy", `${viserver} has not reported whether another VM is now named ${vmName}: try again`);
    }
    const before = vm.found();
    const result = await operateOn(vm, operation, deadline);
    const isTrue = vm.found() === before || (result.ok && changesMachine(operation));
    if (!before || isTrue) {
      return result;
    }
    // Its reference names nothing any more, or another VM: perhaps there is a new one.
    await outcomeOf(lookUps.now(), timeLeftMs(deadline) / 2);
    return operateOn(vm, operation, deadline);
  };
}

function failure(kind: MachineError["kind"], message: string): MachineOperationResult {
  return { ok: false, kind, message };
}

/** What has come of the work after `timeoutMs` at the latest. */
function outcomeOf(work: Promise<unknown>, timeoutMs: number): Promise<"done" | "failed" | "late"> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("late"), timeoutMs);
    const settle = (outcome: "done" | "failed") => (): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    work.then(settle("done"), settle("failed"));
  });
}
