/** All VMs that a link serves: finds, watches, reports and operates them over the current session. */
import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import { isRefusal, toMachineError } from "../../vsphere/faults.js";
import type { MoRef } from "../../vsphere/moRef.js";
import type { VimSession } from "../../vsphere/session.js";
import { createStatisticsReader, type StatisticsReader } from "../../vsphere/statistics.js";
import type { LinkConfiguration, ServedMachine } from "../ipc/configuration.js";
import type { FromLink } from "../ipc/link.js";
import { createAccountMedia } from "./accountMedia.js";
import { createFoundVm } from "./foundVm.js";
import { createLookUps, type Missing } from "./lookUps.js";
import { createMachineFinder, type MachineFinder } from "./machineFinder.js";
import { createMachineOperations, type Operate } from "./machineOperations.js";
import { createServedVm } from "./servedMachine.js";
import { createServedVms, type ServedVms } from "./servedVms.js";
import { createSharedVms } from "./sharedVms.js";
import { createVerifiedSession } from "./verifiedSession.js";
import { createVmWatch } from "./vmWatch.js";

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
  /** How long VMs that are missing, or that the account may not see, are not looked up at most, ms. */
  readonly maxLookUpPauseMs?: number | undefined;
  readonly log: Log;
}

/** VMs that are added one by one are looked up together, ms. */
const gatherMs = 50;

export function createServedMachines(options: ServedMachinesOptions): ServedMachines {
  const { configuration, send, log } = options;
  const { viserver } = configuration;
  const vms = createServedVms();
  const sharedVms = createSharedVms();
  const watch = createVmWatch({ viserver, vms, finder: () => finder, log });

  const lookUps = createLookUps({
    lookUp: async () => {
      let missing: Missing = "none";
      await watch.cover(async () => {
        missing = await finder.find(await session().pinned());
      });
      return missing;
    },
    onFailure: lookUpFailed,
    maxPauseMs: options.maxLookUpPauseMs,
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

  const media = createAccountMedia({ configuration, session: () => session().forUse(anything), log });

  const finder: MachineFinder = createMachineFinder({
    configuration,
    vms,
    generation: () => options.session().generation(),
    makeFound: (vm, reference, identity) =>
      createFoundVm(vm, reference, identity, {
        configuration,
        session: session(),
        readStatistics: statistics.read,
        media,
        sharedVms,
        onGone: finder.gone,
        send,
        log,
      }),
    onLost: () => lookUps.schedule(0),
    onRefused: () => lookUps.later(),
    log,
  });

  const session = once(() =>
    createVerifiedSession(options.session(), async (pinned) => {
      await finder.verify(pinned);
      statistics.renew(session().forUse(anything));
    }),
  );
  const statistics = createLoginStatistics(options, () => session().pinned());

  return {
    serve: (machines) => {
      machines.forEach((machine) => serveOne(vms, machine, options));
      lookUps.schedule(gatherMs);
    },
    withdraw: (vmNames) => {
      vmNames.forEach(vms.remove);
      lookUps.schedule(gatherMs);
    },
    operate: createMachineOperations({
      viserver,
      vm: vms.get,
      lookUps,
      isConnected: watch.isConnected,
      verified: () => session().pinned(),
      recogniseNow: async (vm) => finder.recogniseNow(vm, await session().pinned()),
    }),
    connected: () =>
      watch.run(session().forUse(anything), () => {
        // Left over from an earlier run, or could not be deleted then.
        void media.cleanUp();
        return lookUps.now().catch(firstLookUpFailed);
      }),
    isWatching: () => vms.references().length > 0,
    disconnected: vms.updateAll,
    pinned: () => session().pinned(),
    lookAgain: () => lookUps.now().catch(() => undefined),
    instanceUuid: (vmName) => vms.get(vmName)?.identity()?.instanceUuid,
    reference: (vmName) => vms.get(vmName)?.found()?.reference,
    close: () => {
      media.close();
      lookUps.close();
      watch.stop();
      vms.all().forEach(vms.detach);
    },
  };
}

function serveOne(vms: ServedVms, machine: ServedMachine, { problem, send }: ServedMachinesOptions): void {
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
    added.apply(why);
  }
}

/** The statistics of the current login: cached names and IDs could belong to another server otherwise. */
function createLoginStatistics(
  { configuration, problem, log }: ServedMachinesOptions,
  pinned: () => Promise<VimSession>,
): { readonly read: StatisticsReader; readonly renew: (session: VimSession) => void } {
  let statistics: StatisticsReader | undefined;
  return {
    read: async (...request) => {
      await pinned();
      if (!statistics) {
        throw problem() ?? new MachineError("busy", `there is no connection to ${configuration.viserver} now`);
      }
      return statistics(...request);
    },
    renew: (session) => {
      statistics = createStatisticsReader(session, (reason) =>
        log("warn", "vSphere provides no performance counters", { reason }),
      );
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
