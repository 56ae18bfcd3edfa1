/** Finds the VM of each BMC, verifies it in every new session and update, and finds it again after it was lost. */
import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import { identityOf, isSameVm, readIdentities, type ReadIdentity, type VmIdentity } from "../../vsphere/identity.js";
import { findMachines, type WantedMachine } from "../../vsphere/inventory.js";
import { isSame, type MoRef } from "../../vsphere/moRef.js";
import type { Properties } from "../../vsphere/properties.js";
import type { VimSession } from "../../vsphere/session.js";
import { SessionChanged } from "../../vsphere/vimErrors.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { Missing } from "./lookUps.js";
import type { FoundVm, ServedVm } from "./servedMachine.js";
import type { ServedVms } from "./servedVms.js";

export interface MachineFinder {
  /** Looks up all uncertain VMs, within one login. */
  readonly find: (pinned: VimSession) => Promise<Missing>;
  /** Checks in a new login whether the references still name the same VMs. */
  readonly verify: (pinned: VimSession) => Promise<void>;
  /** Takes a pushed update of the VM; false if it is not the VM that the BMC represents. */
  readonly recognise: (vm: ServedVm, properties: Properties) => boolean;
  /** Checks which VM this reference names now. */
  readonly recogniseNow: (vm: ServedVm, pinned: VimSession) => Promise<void>;
  /** The server refuses to watch it. It is looked up again later, since a privilege may be granted at any time. */
  readonly refused: (vm: ServedVm, why: MachineError) => void;
  /** The reference has become invalid. The VM may have been registered again, so it is looked up at once. */
  readonly gone: (vm: ServedVm) => void;
}

export interface MachineFinderOptions {
  readonly configuration: LinkConfiguration;
  readonly vms: ServedVms;
  /** The current login. */
  readonly generation: () => symbol;
  readonly makeFound: (vm: ServedVm, reference: MoRef, identity: VmIdentity) => FoundVm;
  /** Some VM must be looked up. */
  readonly onLost: () => void;
  /** Some VM must be looked up again, with little hope of success soon. */
  readonly onRefused: () => void;
  readonly log: Log;
}

/** Each found VM costs a file read: yield between them so that others need not wait. */
const settledTogether = 50;

export function createMachineFinder(options: MachineFinderOptions): MachineFinder {
  const { configuration, vms, generation, makeFound, onLost, onRefused, log } = options;
  const { viserver } = configuration;
  /** The vCenter that the references belong to. */
  let server: string | undefined;

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
      vm.tell(new MachineError("busy", `the state of ${vm.vmName} is still being read from ${viserver}`));
    }
    vms.attach(vm, makeFound(vm, result, identity), identity);
  }

  /** Reports why there is no VM; logged once. */
  function leave(vm: ServedVm, why: MachineError): void {
    vms.detach(vm);
    const before = vm.news();
    if (!(before instanceof MachineError) || before.message !== why.message) {
      log("warn", why.message, { vm: vm.vmName });
    }
    vm.tell(why);
  }

  function lose(vm: ServedVm, why: MachineError): void {
    leave(vm, why);
    onLost();
  }

  const isElsewhere = (vm: ServedVm): MachineError =>
    new MachineError(
      "notFound",
      `the VM of ${vm.vmName} is no longer where it was in ${viserver}: it is being looked for`,
    );

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
    find,
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
    refused: (vm, why) => {
      leave(vm, why);
      onRefused();
    },
    gone: (vm) => lose(vm, new MachineError("notFound", `the VM of ${vm.vmName} has been removed from ${viserver}`)),
  };
}

function isRefused(vm: ServedVm): boolean {
  const news = vm.news();
  return news instanceof MachineError && news.kind === "denied";
}

function toWanted(vm: ServedVm): WantedMachine {
  const former = vm.machine.vmUuid === undefined ? vm.identity()?.instanceUuid : undefined;
  return { ...vm.machine, ...(former !== undefined && { formerInstanceUuid: former }) };
}
