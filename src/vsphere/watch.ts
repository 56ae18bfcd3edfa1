/** Push: one PropertyCollector of our own, filters over the VMs served, one WaitForUpdatesEx at a time. */
import { createPause } from "../base/async/pause.js";
import { createSerialQueue } from "../base/async/serialQueue.js";
import type { MachineError } from "../model/machine/errors.js";
import { isFault, isRefusal, toMachineError } from "./faults.js";
import { watchedPaths } from "./machineSnapshot.js";
import { fromSoap, isSame, type MoRef } from "./moRef.js";
import { type Properties, readEach } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf } from "./soapValue.js";
import { createTaskWatch } from "./taskWatch.js";
import { SessionChanged, type VimFault } from "./vimErrors.js";
import { createWatchCollector, type WaitLimits } from "./watchCollector.js";
import { createWatchedVms, type OnUpdate, type WatchedVms } from "./watchedVms.js";

/** A wait answers after this time at the latest, also when nothing changed: it is the proof that vCenter is alive, s. */
const maxWaitSeconds = 2;
/** If an answer is this late the known state is stale, ms. */
const lateMs = 1_000;
/** If an answer is this late it will not arrive, ms. */
const lostMs = 8_000;
/** Objects an answer: parsing one blocks the process, some 0.5 ms an object. */
const maxObjectUpdates = 25;
/** Minimum interval for a server that answers immediately without updates, ms. */
const minWaitMs = 100;
/** A server that has refused is asked again after this time, ms. */
const refusedPauseMs = 10_000;
/** A collector that is not there again and again is a fault of the server's. */
const maxRebuilds = 3;
const maxReads = 3;

export interface Watch {
  /**
   * Replaces the set of watched VMs. The present state of those that are new comes as an update: where the watch runs
   * already they are read, since servers push what a new filter is over when they please.
   */
  readonly watch: (machines: readonly MoRef[]) => Promise<void>;
  /** The state of a VM that has been watched for some time; undefined while it is stale. */
  readonly latest: (machine: MoRef) => Properties | undefined;
  /** Waits for updates until `stop`, or until the session or the server is lost: then it throws. */
  readonly run: () => Promise<void>;
  readonly stop: () => void;
}

export interface WatchEvents {
  readonly onUpdate: OnUpdate;
  /** The server refuses to tell anything; it is asked again later. */
  readonly onRefused: (why: MachineError) => void;
  /** Nothing has been heard for so long that what is known may be old. When it goes on, all VMs are updated again. */
  readonly onSilence: () => void;
}

const waitLimits: WaitLimits = {
  maxWaitSeconds,
  maxObjectUpdates,
  timeoutMs: maxWaitSeconds * 1_000 + lostMs,
  minMs: minWaitMs,
};

export function createWatch(session: VimSession, { onUpdate, onRefused, onSilence }: WatchEvents): Watch {
  const vms = createWatchedVms(onUpdate);
  /** Changes of collector and filter come one after the other. */
  const changes = createSerialQueue();
  const { tasks: follower } = session;
  const tasks = createTaskWatch({
    session,
    collector: () => (isStopped ? undefined : collector.current()),
    onTold: follower.receive,
    onRefused: follower.silent,
  });
  const collector = createWatchCollector(session, {
    onMade: () => {
      tasks.forget();
      vms.forget();
    },
    onDropped: tasks.forget,
  });
  const pause = createPause();
  let isStopped = false;
  let isSilent = false;
  let rebuilds = 0;

  async function ensure(): Promise<void> {
    try {
      if (await collector.cover(vms.wanted())) {
        await readNew(session, vms);
      }
    } catch (error) {
      await ensureInSpiteOf(error);
    }
  }

  /** Recreates the filters without a VM that is gone or refused, or all of them if ours have gone. */
  async function ensureInSpiteOf(error: unknown): Promise<void> {
    const isGone = isFault(error, "ManagedObjectNotFound");
    const machine = vmNamedBy(error, isGone, vms.wanted());
    if (machine) {
      vms.drop(machine, isGone ? "gone" : toMachineError(error));
    } else if (!isGone || ++rebuilds > maxRebuilds) {
      throw error;
    } else {
      collector.drop();
    }
    await ensure();
  }

  async function waitOnce(): Promise<void> {
    const timer = setTimeout(
      () => {
        isSilent = true;
        follower.silent();
        onSilence();
      },
      maxWaitSeconds * 1_000 + lateMs,
    );
    const updates = await collector.wait(waitLimits).finally(() => clearTimeout(timer));
    rebuilds = 0;
    updates.filter((update) => !tasks.take(update)).forEach(vms.apply);
    if (isSilent) {
      isSilent = false;
      vms.updateAll();
    }
  }

  async function recover(error: unknown): Promise<void> {
    if (isStopped || isFault(error, "RequestCanceled") || error instanceof SessionChanged) {
      return;
    }
    try {
      await changes.run(() => ensureInSpiteOf(error));
    } catch (failure) {
      if (!isRefusal(failure)) {
        throw failure;
      }
      onRefused(toMachineError(failure));
      // After a while, with everything that the server stores for this watch recreated.
      rebuilds = 0;
      await collector.destroy();
      await pause.wait(refusedPauseMs);
    }
  }

  return {
    watch: async (machines) => {
      // A look-up that changed nothing costs no new filter.
      if (!areSame(machines, vms.wanted())) {
        vms.want(machines);
      }
      await changes.run(ensure).finally(pause.end);
    },
    latest: (machine) => (isSilent ? undefined : vms.latest(machine)),
    run: async () => {
      follower.usePush(tasks);
      while (!isStopped) {
        if (vms.wanted().length === 0) {
          // Without a filter a wait would be answered at once, again and again.
          await pause.wait();
          continue;
        }
        try {
          await changes.run(ensure);
          if (collector.hasFilters()) {
            await waitOnce();
          }
        } catch (error) {
          await recover(error);
        }
      }
    },
    stop: () => {
      isStopped = true;
      tasks.forget();
      pause.end();
    },
  };
}

/** A change that is pushed meanwhile may be newer than what was read, or too little to know the state by: once more. */
async function readNew(session: VimSession, vms: WatchedVms): Promise<void> {
  for (let triesLeft = maxReads; triesLeft > 0; triesLeft--) {
    const before = session.generation();
    const unknown = vms.beginRead();
    if (unknown.length === 0) {
      return;
    }
    const found = await readEach(session, unknown, watchedPaths);
    if (before !== session.generation()) {
      return;
    }
    for (const machine of unknown) {
      const properties = found.get(machine.value);
      if (properties) {
        vms.adopt(machine, properties);
      }
    }
  }
}

/** The VM that a fault is about; undefined when it is about none of these. */
function vmNamedBy(error: unknown, isGone: boolean, machines: readonly MoRef[]): MoRef | undefined {
  const named = isRefusal(error) ? fromSoap(fieldOf((error as VimFault).detail, isGone ? "obj" : "object")) : undefined;
  return named && machines.find((candidate) => isSame(candidate, named));
}

function areSame(machines: readonly MoRef[], others: readonly MoRef[]): boolean {
  return machines.length === others.length && machines.every((machine, index) => isSame(machine, others[index]));
}
