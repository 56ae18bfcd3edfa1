/** The watch over a link's VMs, one per connection: processes pushed updates and the known state. */
import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import { toUpdate } from "../../vsphere/machineSnapshot.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { Properties } from "../../vsphere/properties.js";
import type { VimSession } from "../../vsphere/session.js";
import { createWatch, type Watch } from "../../vsphere/watch.js";
import type { MachineFinder } from "./machineFinder.js";
import type { ServedVm } from "./servedMachine.js";
import type { ServedVms } from "./servedVms.js";

export interface VmWatchOptions {
  /** The server as configured. */
  readonly viserver: string;
  readonly vms: ServedVms;
  readonly finder: () => MachineFinder;
  readonly log: Log;
}

export interface VmWatch {
  readonly isConnected: () => boolean;
  /**
   * Watches over the session until it fails, in parallel with `work`; rejects with the reason, or with that of `work`.
   */
  readonly run: (session: VimSession, work: () => Promise<unknown>) => Promise<void>;
  /** Watches the VMs that have been found; false: there is no connection. */
  readonly cover: (find: () => Promise<void>) => Promise<boolean>;
  readonly stop: () => void;
}

export function createVmWatch({ viserver, vms, finder, log }: VmWatchOptions): VmWatch {
  /** undefined without a connection. */
  let watch: Watch | undefined;

  function onUpdate(reference: MoRef, properties: Properties | "gone" | MachineError): void {
    for (const vm of vms.at(reference)) {
      if (properties === "gone") {
        finder().gone(vm);
      } else if (properties instanceof MachineError) {
        finder().refused(vm, properties);
      } else {
        pass(vm, properties);
      }
    }
  }

  function pass(vm: ServedVm, properties: Properties): void {
    if (!finder().recognise(vm, properties)) {
      return;
    }
    const update = toUpdate(properties, vm.identity()?.hasOldSmbios);
    vm.apply(update);
    if (!(update instanceof MachineError)) {
      vm.found()?.bootWatch.observe(update, properties);
      vm.found()?.mediaWatch.observe(update);
    }
  }

  /** No update will be pushed soon for a VM that another BMC represents or represented. */
  function applyKnown(vm: ServedVm, { latest }: Watch): void {
    const found = vm.found();
    const isUnknown = vm.lastUpdate() === undefined || vm.lastUpdate() instanceof MachineError;
    const properties = found && isUnknown && latest(found.reference);
    if (properties) {
      pass(vm, properties);
    }
  }

  function begin(session: VimSession): Watch {
    const silence = new MachineError("busy", `${viserver} has not responded for some seconds`);
    const mine: Watch = createWatch(session, {
      onRefused: (why) => {
        log("warn", "the server pushes no VM states; they are read on demand", { reason: why.message });
        vms.all().forEach((vm) => vm.found() && vm.apply(why));
      },
      onUpdate: (...update) => (watch === mine ? onUpdate(...update) : undefined),
      onSilence: () => (watch === mine ? vms.updateAll(silence) : undefined),
    });
    return mine;
  }

  return {
    isConnected: () => watch !== undefined,
    run: async (session, work) => {
      // A watch of an earlier connection may not have noticed its end yet.
      watch?.stop();
      const mine = begin(session);
      watch = mine;
      try {
        const watching = mine.run();
        watching.catch(() => undefined);
        await Promise.race([watching, work()]);
        await watching;
      } finally {
        mine.stop();
        watch = watch === mine ? undefined : watch;
      }
    },
    cover: async (find) => {
      const present = watch;
      if (!present) {
        return false;
      }
      await find();
      await present.watch(vms.references());
      vms.all().forEach((vm) => applyKnown(vm, present));
      return true;
    },
    stop: () => watch?.stop(),
  };
}
