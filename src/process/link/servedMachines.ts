/** All VMs that a link serves: finds, watches, reports and operates them over the current session. */
import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import { isRefusal, toMachineError } from "../../vsphere/faults.js";
import { toNews } from "../../vsphere/machineSnapshot.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { Properties } from "../../vsphere/properties.js";
import type { VimSession } from "../../vsphere/session.js";
import { createStatisticsReader, type StatisticsReader } from "../../vsphere/statistics.js";
import { createWatch, type Watch } from "../../vsphere/watch.js";
import type { LinkConfiguration, ServedMachine } from "../ipc/configuration.js";
import type { FromLink } from "../ipc/link.js";
import { createFoundVm } from "./foundVm.js";
import { createLookUps } from "./lookUps.js";
import { createMachineFinder } from "./machineFinder.js";
import { createMachineOperations, type Operate } from "./machineOperations.js";
import { createMediaDesk } from "./mediaDesk.js";
import { createServedVm, type ServedVm } from "./servedMachine.js";
import { createServedVms } from "./servedVms.js";
import { createSharedVms } from "./sharedVms.js";
import { createVerifiedSession } from "./verifiedSession.js";

export interface ServedMachines {
  readonly serve: (machines: readonly ServedMachine[]) => void;
  readonly withdraw: (vmNames: readonly string[]) => void;
  readonly operate: Operate;
  /** Finds and watches VMs over the session until it fails; rejects with the reason. */
  readonly connected: () => Promise<void>;
  /** Whether it waits for updates of at least one VM. */
  readonly isWatching: () => boolean;
  /** Marks the state of every VM as unknown. */
  readonly disconnected: (problem: MachineError) => void;
  /** The current login only, in which the references are verified. */
  readonly pinned: () => Promise<VimSession>;
  /** Looks up uncertain VMs again; always resolves. */
  readonly lookAgain: () => Promise<void>;
  /** Instance UUID of the VM that a BMC represents, or represented last. */
  readonly instanceUuid: (vmName: string) => string | undefined;
  /** The VM that the next command of the BMC would reach. */
  readonly reference: (vmName: string) => MoRef | undefined;
  readonly close: () => void;
}

export interface ServedMachinesOptions {
  readonly configuration: LinkConfiguration;
  /** Uses the session that is current at each call. */
  readonly session: () => VimSession;
  /** Why there is no connection; undefined while there is one. */
  readonly problem: () => MachineError | undefined;
  readonly send: (message: FromLink) => void;
  readonly log: Log;
}

/** VMs that are added one by one are looked up together, ms. */
const gatherMs = 50;

export function createServedMachines(options: ServedMachinesOptions): ServedMachines {
  const { configuration, problem, send, log } = options;
  const { viserver } = configuration;
  const vms = createServedVms();
  const sharedVms = createSharedVms();
  /** undefined without a connection. */
  let watch: Watch | undefined;
  /** Belongs to the current login: cached names and IDs may be another server's otherwise. */
  let statistics: StatisticsReader | undefined;

  const lookUps = createLookUps({
    lookUp: async () => {
      const present = watch;
      if (!present) {
        return "none";
      }
      const missing = await finder.find(await session().pinned());
      await present.watch(vms.references());
      vms.all().forEach((vm) => tellKnown(vm, present));
      return missing;
    },
    onFailure: lookUpFailed,
  });

  function lookUpFailed(error: unknown): void {
    log("warn", "VMs could not be looked up", { reason: toMachineError(error).message });
  }

  /** Keeps the session when the server refuses a call: some VMs may still be accessible. */
  function firstLookUpFailed(error: unknown): void {
    if (!isRefusal(error)) {
      throw error;
    }
    lookUpFailed(error);
    lookUps.later();
  }

  const media = createMediaDesk({ configuration, session: () => session().forUse(anything), log });

  const finder = createMachineFinder({
    configuration,
    vms,
    generation: () => options.session().generation(),
    makeFound: (vm, reference, identity) =>
      createFoundVm(vm, reference, identity, {
        configuration,
        session: session(),
        readStatistics,
        media,
        sharedVms,
        onGone: finder.gone,
        send,
        log,
      }),
    onLost: () => lookUps.soon(0),
    onRefused: () => lookUps.later(),
    log,
  });

  const session = once(() =>
    createVerifiedSession(options.session(), async (pinned) => {
      await finder.verify(pinned);
      statistics = createStatisticsReader(session().forUse(anything), (reason) =>
        log("warn", "vSphere provides no performance counters", { reason }),
      );
    }),
  );

  const readStatistics: StatisticsReader = async (...request) => {
    await session().pinned();
    if (!statistics) {
      throw problem() ?? new MachineError("busy", `there is no connection to ${viserver} now`);
    }
    return statistics(...request);
  };

  function onUpdate(reference: MoRef, properties: Properties | "gone" | MachineError): void {
    for (const vm of vms.at(reference)) {
      if (properties === "gone") {
        finder.gone(vm);
      } else if (properties instanceof MachineError) {
        finder.refused(vm, properties);
      } else if (finder.recognise(vm, properties)) {
        pass(vm, properties);
      }
    }
  }

  /** No update will be pushed soon for a VM that another BMC represents or represented. */
  function tellKnown(vm: ServedVm, { latest }: Watch): void {
    const found = vm.found();
    const properties =
      found && (vm.news() === undefined || vm.news() instanceof MachineError) && latest(found.reference);
    if (properties && finder.recognise(vm, properties)) {
      pass(vm, properties);
    }
  }

  function pass(vm: ServedVm, properties: Properties): void {
    const news = toNews(properties, vm.identity()?.hasOldSmbios);
    vm.tell(news);
    if (!(news instanceof MachineError)) {
      vm.found()?.bootWatch.observe(news, properties);
      vm.found()?.mediaWatch.observe(news);
    }
  }

  function serveOne(machine: ServedMachine): void {
    const { vmName } = machine;
    const former = vms.get(vmName);
    if (former && JSON.stringify(former.machine) === JSON.stringify(machine)) {
      former.repeat();
      former.found()?.mediaWatch.repeat();
      return;
    }
    const added = createServedVm(machine, (report) => send({ type: "machineReport", vmName, report }));
    vms.add(added);
    const why = problem();
    if (why) {
      added.tell(why);
    }
  }

  async function watchUntilFailure(): Promise<void> {
    // A watch of an earlier connection may not have noticed yet that it has ended.
    watch?.stop();
    const silence = new MachineError("busy", `${viserver} has not been heard from for some seconds`);
    const mine: Watch = createWatch(session().forUse(anything), {
      onRefused: (why) => {
        log("warn", "the state of VMs is not pushed; it is read on demand", { reason: why.message });
        vms.all().forEach((vm) => vm.found() && vm.tell(why));
      },
      onUpdate: (...update) => (watch === mine ? onUpdate(...update) : undefined),
      onSilence: () => (watch === mine ? vms.tellAll(silence) : undefined),
    });
    watch = mine;
    try {
      const watching = mine.run();
      watching.catch(() => undefined);
      // Left over from an earlier run, or not deletable then.
      void media.cleanUp();
      await Promise.race([watching, lookUps.now().catch(firstLookUpFailed)]);
      await watching;
    } finally {
      mine.stop();
      watch = watch === mine ? undefined : watch;
    }
  }

  return {
    serve: (machines) => {
      machines.forEach(serveOne);
      lookUps.soon(gatherMs);
    },
    withdraw: (vmNames) => {
      vmNames.forEach(vms.remove);
      lookUps.soon(gatherMs);
    },
    operate: createMachineOperations({
      viserver,
      vm: vms.get,
      lookUps,
      isConnected: () => watch !== undefined,
      verified: () => session().pinned(),
      recogniseNow: async (vm) => finder.recogniseNow(vm, await session().pinned()),
    }),
    connected: watchUntilFailure,
    isWatching: () => vms.references().length > 0,
    disconnected: vms.tellAll,
    pinned: () => session().pinned(),
    lookAgain: () => lookUps.now().catch(() => undefined),
    instanceUuid: (vmName) => vms.get(vmName)?.identity()?.instanceUuid,
    reference: (vmName) => vms.get(vmName)?.found()?.reference,
    close: () => {
      media.close();
      lookUps.close();
      watch?.stop();
      vms.all().forEach(vms.detach);
    },
  };
}

/** For uses of the session that do not concern a single VM. */
function anything(): void {
  // No precondition.
}

/** Created on first use: its parts may not exist before. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
