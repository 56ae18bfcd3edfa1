/** Verifies that the references of VMs still name the VMs that BMCs represent; drops and looks up those that do not. */
import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import { identityOf, isSameVm, readIdentities, type ReadIdentity } from "../../vsphere/identity.js";
import type { Properties } from "../../vsphere/properties.js";
import type { VimSession } from "../../vsphere/session.js";
import type { ServedVm } from "./servedMachine.js";
import type { ServedVms } from "./servedVms.js";

export interface RecognitionOptions {
  /** The server as configured. */
  readonly viserver: string;
  readonly vms: ServedVms;
  /** A VM must be looked up. */
  readonly onLost: () => void;
  /** A VM must be looked up again, although it will probably not be found soon. */
  readonly onRefused: () => void;
  readonly log: Log;
}

export interface Recognition {
  /** Checks in a new login whether the references still name the same VMs. */
  readonly verify: (pinned: VimSession) => Promise<void>;
  /** Takes a pushed update of the VM; false if it is not the VM that the BMC represents. */
  readonly recognise: (vm: ServedVm, properties: Properties) => boolean;
  /** Checks which VM this reference names now. */
  readonly recogniseNow: (vm: ServedVm, pinned: VimSession) => Promise<void>;
  /** Drops the VM, and reports why; logged once. */
  readonly leave: (vm: ServedVm, why: MachineError) => void;
  /** The server refuses to watch it. It is looked up again later, since a privilege may be granted at any time. */
  readonly refused: (vm: ServedVm, why: MachineError) => void;
  /** The reference has become invalid. The VM may have been registered again, so it is looked up immediately. */
  readonly gone: (vm: ServedVm) => void;
}

export function createRecognition({ viserver, vms, onLost, onRefused, log }: RecognitionOptions): Recognition {
  /** The vCenter that the references belong to. */
  let server: string | undefined;

  function leave(vm: ServedVm, why: MachineError): void {
    vms.detach(vm);
    const before = vm.lastUpdate();
    if (!(before instanceof MachineError) || before.message !== why.message) {
      log("warn", why.message, { vm: vm.vmName });
    }
    vm.apply(why);
  }

  function lose(vm: ServedVm, why: MachineError): void {
    leave(vm, why);
    onLost();
  }

  const isElsewhere = (vm: ServedVm): MachineError =>
    new MachineError("notFound", `the VM of ${vm.vmName} is no longer at its place in ${viserver}: looking for it`);

  /** The state to report for the right VM. */
  function accept(vm: ServedVm, identity: ReadIdentity): boolean {
    const wasRenamed = vm.isRenamed();
    vm.recognise(identity);
    if (identity.isTemplate) {
      const text = `the VM of ${vm.vmName} is a template now, which cannot be switched on: convert it to a virtual machine`;
      lose(vm, new MachineError("invalidState", text));
      return false;
    }
    if (vm.isRenamed() && !wasRenamed) {
      log(
        "warn",
        `the VM of ${vm.vmName} has been renamed: the BMC switches to the next VM with that name, if one appears`,
        {
          vm: vm.vmName,
          name: identity.name,
        },
      );
      onLost();
    }
    return true;
  }

  /** `identity`: of the object that the reference names now, if any. */
  function compare(vm: ServedVm, identity: ReadIdentity | undefined): void {
    const known = vm.identity();
    if (known && identity && isSameVm(known, identity)) {
      accept(vm, identity);
    } else {
      lose(vm, isElsewhere(vm));
    }
  }

  return {
    verify: async (pinned) => {
      const attached = new Set(vms.all().map((vm) => vm.found()));
      const references = vms.references();
      const isSameServer = server === undefined || server === pinned.content.serverUuid;
      // References of another vCenter are never comparable.
      const identities =
        isSameServer && references.length > 0
          ? await readIdentities(pinned, references)
          : new Map<string, ReadIdentity>();
      server = pinned.content.serverUuid;
      for (const vm of vms.all()) {
        const found = vm.found();
        if (found && attached.has(found)) {
          compare(vm, identities.get(found.reference.value));
        }
      }
    },
    recogniseNow: async (vm, pinned) => {
      const found = vm.found();
      if (found) {
        const identities = await readIdentities(pinned, [found.reference]);
        if (vm.found() === found) {
          compare(vm, identities.get(found.reference.value));
        }
      }
    },
    recognise: (vm, properties) => {
      const known = vm.identity();
      if (!known) {
        return false;
      }
      const { instanceUuid = known.instanceUuid, name = known.name, isTemplate } = identityOf(properties);
      if (known.instanceUuid !== undefined && instanceUuid !== known.instanceUuid) {
        lose(vm, isElsewhere(vm));
        return false;
      }
      return accept(vm, { ...known, instanceUuid, name, isTemplate });
    },
    leave,
    refused: (vm, why) => {
      leave(vm, why);
      onRefused();
    },
    gone: (vm) => lose(vm, new MachineError("notFound", `the VM of ${vm.vmName} has been removed from ${viserver}`)),
  };
}
