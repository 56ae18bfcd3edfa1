/** Finds the VM of each BMC, verifies it in every new session and update, and finds it again after it was lost. */
import { defined } from "../../base/defined.js";
import { MachineError } from "../../model/machine/errors.js";
import { readIdentities, type ReadIdentity, type VmIdentity } from "../../vsphere/identity.js";
import { findMachines, type WantedMachine } from "../../vsphere/inventory.js";
import { isSame, type MoRef } from "../../vsphere/moRef.js";
import type { VimSession } from "../../vsphere/session.js";
import { SessionChanged } from "../../vsphere/vimErrors.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { Missing } from "./lookUps.js";
import { createRecognition, type Recognition, type RecognitionOptions } from "./recognition.js";
import type { FoundVm, ServedVm } from "./servedMachine.js";

export interface MachineFinder extends Omit<Recognition, "leave"> {
  /** Looks up all uncertain VMs, within one login. */
  readonly find: (pinned: VimSession) => Promise<Missing>;
}

export interface MachineFinderOptions extends Omit<RecognitionOptions, "viserver"> {
  readonly configuration: LinkConfiguration;
  /** The current login. */
  readonly generation: () => symbol;
  readonly makeFound: (vm: ServedVm, reference: MoRef, identity: VmIdentity) => FoundVm;
}

/** Each found VM costs a file read: yield between them so that others need not wait. */
const settledTogether = 50;

export function createMachineFinder(options: MachineFinderOptions): MachineFinder {
  const { configuration, vms, generation, makeFound, log } = options;
  const { viserver } = configuration;
  const { leave, ...recognition } = createRecognition({ ...options, viserver });

  const uncertain = (): readonly ServedVm[] => vms.all().filter((vm) => !vm.found() || vm.isRenamed());

  async function find(pinned: VimSession): Promise<Missing> {
    const missing = uncertain();
    if (missing.length === 0) {
      return "none";
    }
    const results = await findMachines(pinned, missing.map(toWanted), configuration);
    const references = [...results.values()].filter((result): result is MoRef => !(result instanceof MachineError));
    const identities = await readIdentities(pinned, references);
    for (const [index, vm] of missing.entries()) {
      if (index % settledTogether === settledTogether - 1) {
        await new Promise(setImmediate);
      }
      if (pinned.generation() !== generation()) {
        throw new SessionChanged();
      }
      // Some may have been removed in the meantime.
      if (vms.isServed(vm)) {
        settle(vm, results.get(vm.vmName), identities);
      }
    }
    const left = uncertain();
    return left.length === 0 ? "none" : left.every(isRefused) ? "refused" : "some";
  }

  function settle(
    vm: ServedVm,
    result: MoRef | MachineError | undefined,
    identities: ReadonlyMap<string, ReadIdentity>,
  ): void {
    if (result instanceof MachineError) {
      leave(vm, result);
      return;
    }
    const identity = result && identities.get(result.value);
    if (!identity || isSame(result, vm.found()?.reference)) {
      return;
    }
    if (vm.found()) {
      const which = `${result.value}, instance UUID ${identity.instanceUuid ?? "unknown"}`;
      log("warn", `another VM now has the name of ${vm.vmName}: the BMC represents that one from now on (${which})`, {
        vm: vm.vmName,
      });
      vm.apply(new MachineError("busy", `the state of ${vm.vmName} is still being read from ${viserver}`));
    }
    vms.attach(vm, makeFound(vm, result, identity), identity);
  }

  return { find, ...recognition };
}

function isRefused(vm: ServedVm): boolean {
  const update = vm.lastUpdate();
  return update instanceof MachineError && update.kind === "denied";
}

function toWanted(vm: ServedVm): WantedMachine {
  const previous = vm.machine.vmUuid === undefined ? vm.identity()?.instanceUuid : undefined;
  return defined({ ...vm.machine, previousInstanceUuid: previous });
}
