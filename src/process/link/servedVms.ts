/** The VMs that a link serves, by the names of their BMCs and by the references under which they were found. */
import type { MachineError } from "../../model/machine/errors.js";
import type { ReadIdentity } from "../../vsphere/identity.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { FoundVm, ServedVm } from "./servedMachine.js";

export interface ServedVms {
  readonly get: (vmName: string) => ServedVm | undefined;
  readonly all: () => readonly ServedVm[];
  /** Replaces one of the same name. */
  readonly add: (vm: ServedVm) => void;
  readonly remove: (vmName: string) => void;
  readonly isServed: (vm: ServedVm) => boolean;
  readonly attach: (vm: ServedVm, found: FoundVm, identity: ReadIdentity) => void;
  readonly detach: (vm: ServedVm) => void;
  /** Each reference once: two BMCs may represent one VM. */
  readonly references: () => readonly MoRef[];
  readonly at: (reference: MoRef) => readonly ServedVm[];
  readonly updateAll: (update: MachineError) => void;
}

export function createServedVms(): ServedVms {
  const served = new Map<string, ServedVm>();
  const byReference = new Map<string, Set<ServedVm>>();

  function detach(vm: ServedVm, isWithdrawn = false): void {
    const found = vm.found();
    if (!found) {
      return;
    }
    vm.detach();
    found.close(isWithdrawn);
    const same = byReference.get(found.reference.value);
    same?.delete(vm);
    if (same?.size === 0) {
      byReference.delete(found.reference.value);
    }
  }

  function remove(vmName: string): void {
    const vm = served.get(vmName);
    served.delete(vmName);
    if (vm) {
      detach(vm, true);
    }
  }

  return {
    get: (vmName) => served.get(vmName),
    all: () => [...served.values()],
    add: (vm) => {
      remove(vm.vmName);
      served.set(vm.vmName, vm);
    },
    remove,
    isServed: (vm) => served.get(vm.vmName) === vm,
    attach: (vm, found, identity) => {
      detach(vm);
      vm.attach(found, identity);
      const { value } = found.reference;
      byReference.set(value, (byReference.get(value) ?? new Set()).add(vm));
    },
    detach: (vm) => detach(vm),
    references: () => [...byReference.values()].flatMap((vms) => [...vms][0]?.found()?.reference ?? []),
    at: ({ value }) => [...(byReference.get(value) ?? [])],
    updateAll: (update) => served.forEach((vm) => vm.apply(update)),
  };
}
