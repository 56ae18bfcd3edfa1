/** Runs the operations that BMCs request on their current VMs, or answers in time why that is impossible. */
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
  /** Resolves once references are verified in the current login. */
  readonly verified: () => Promise<unknown>;
  /** Reads again which VM this reference names. */
  readonly recogniseNow: (vm: ServedVm) => Promise<void>;
}

export function createMachineOperations(options: MachineOperationsOptions): Operate {
  const { viserver, lookUps, isConnected, verified, recogniseNow } = options;

  /** Precondition of an operation: the VM is known and is the intended one. */
  async function verify(vm: ServedVm, operation: MachineOperation): Promise<void> {
    if (!isConnected()) {
      return;
    }
    await verified();
    const isChange = changesMachine(operation);
    // Its name may have changed unnoticed.
    if (isChange && vm.found() && vm.machine.vmUuid === undefined && vm.lastUpdate() instanceof MachineError) {
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
      return found.virtualMachine().run(operation, deadline);
    }
    const update = vm.lastUpdate();
    const why = update instanceof MachineError ? update : undefined;
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
    // Right after its start a BMC may get requests before vCenter has reported anything.
    await vm.whenFound(timeLeftMs(deadline, replyReserveMs));
    const timeoutMs = timeLeftMs(deadline, replyReserveMs);
    const verification = await outcomeOf(verify(vm, operation), timeoutMs);
    if (verification === "late" && vm.found()) {
      return failure("busy", `${viserver} has not answered within ${timeoutMs} ms`);
    }
    if (verification === "failed" && vm.isRenamed() && changesMachine(operation)) {
      return failure("busy", `${viserver} has not reported whether another VM is now named ${vmName}: try again`);
    }
    const before = vm.found();
    const result = await operateOn(vm, operation, deadline);
    const isTrue = vm.found() === before || (result.ok && changesMachine(operation));
    if (!before || isTrue) {
      return result;
    }
    // The reference is invalid or names another VM: perhaps there is a new one.
    await outcomeOf(lookUps.now(), timeLeftMs(deadline) / 2);
    return operateOn(vm, operation, deadline);
  };
}

function failure(kind: MachineError["kind"], message: string): MachineOperationResult {
  return { ok: false, kind, message };
}

/** The outcome of the work after `timeoutMs` at most. */
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
