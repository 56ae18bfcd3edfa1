/** Push: one PropertyCollector of our own, filters over the VMs served, one WaitForUpdatesEx at a time. */
import { createSerialQueue } from "../base/async/serialQueue.js";
import type { MachineError } from "../model/machine/errors.js";
import { isFault, isRefusal, toMachineError } from "./faults.js";
import { watchedPaths } from "./machineSnapshot.js";
import { fromSoap, isSame, type MoRef } from "./moRef.js";
import { type Properties, readEach, refusalsOf } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";
import { createTaskWatch } from "./taskWatch.js";
import { SessionChanged, type VimFault, VimTransportError } from "./vimErrors.js";
import { createWatchFilters } from "./watchFilters.js";

/** A wait answers after this time at the latest, also when nothing changed: it is the proof that vCenter is alive, s. */
const maxWaitSeconds = 2;
/** An answer that is this late means that nobody vouches for what is known, ms. */
const lateMs = 1_000;
/** An answer that is this late does not come any more, ms. */
const lostMs = 8_000;
/** Objects an answer: parsing one blocks the process, some 0.5 ms an object. */
const maxObjectUpdates = 25;
/** A server that has no news and does not wait for any is not asked more often than this, ms. */
const shortestWaitMs = 100;
/** A server that has refused is asked again after this time, ms. */
const refusedPauseMs = 10_000;
/** A collector that is not there again and again is a fault of the server's. */
const mostRebuilds = 3;
const mostReads = 3;

export interface Watch {
  /**
   * Replaces the set of watched VMs. The present state of those that are new comes as an update: where the watch runs
   * already they are read, since servers push what a new filter is over when they please.
   */
  readonly watch: (machines: readonly MoRef[]) => Promise<void>;
  /** What is known of a VM that has been watched for some time already; undefined while nobody vouches for it. */
  readonly latest: (machine: MoRef) => Properties | undefined;
  /** Waits for updates until `stop`, or until the session or the server is lost: then it throws. */
  readonly run: () => Promise<void>;
  readonly stop: () => void;
}

export interface WatchEvents {
  /** `gone`: the VM has been deleted, or is no longer visible; a MachineError: the server refuses to have it watched. */
  readonly onUpdate: (machine: MoRef, properties: Properties | "gone" | MachineError) => void;
  /** The server refuses to tell anything; it is asked again later. */
  readonly onRefused: (why: MachineError) => void;
  /** Nothing has been heard for so long that what is known may be old. When it goes on, all VMs are updated again. */
  readonly onSilence: () => void;
}

export function createWatch(session: VimSession, { onUpdate, onRefused, onSilence }: WatchEvents): Watch {
  /** What the server keeps for this watch; with the session it was made in, it goes. */
  let collector: { readonly reference: MoRef; readonly generation: symbol } | undefined;
  const filters = createWatchFilters(session);
  let wanted: readonly MoRef[] = [];
  let wantedValues: ReadonlySet<string> = new Set();
  /** What the filters are over. */
  let covered: readonly MoRef[] | undefined;
  let version = "";
  let isStopped = false;
  let isSilent = false;
  let rebuilds = 0;
  const known = new Map<string, { readonly machine: MoRef; readonly properties: Map<string, unknown> }>();
  /** Resolved by a change of what is wanted: without a filter a wait would be answered at once, again and again. */
  let onWanted: (() => void) | undefined;
  /** VMs of which something was pushed since a read of new ones was sent off: what was read may be older. */
  let pushed = new Set<string>();
  /** Changes of collector and filter come one after the other. */
  const changes = createSerialQueue();
  const { tasks: follower } = session;
  const tasks = createTaskWatch({
    session,
    collector: () => (isStopped ? undefined : collector),
    onTold: follower.receive,
    onRefused: follower.silent,
  });

  async function ensureCollector(): Promise<MoRef> {
    if (collector?.generation !== session.generation()) {
      const reference = fromSoap(await session.call("CreatePropertyCollector", session.content.propertyCollector));
      if (!reference) {
        throw new VimTransportError("badResponse", "vCenter made no property collector");
      }
      collector = { reference, generation: session.generation() };
      filters.forget();
      tasks.forget();
      covered = undefined;
      version = "";
      // The same references may name other VMs now.
      known.clear();
    }
    return collector.reference;
  }

  function want(machines: readonly MoRef[]): void {
    wanted = machines;
    wantedValues = new Set(machines.map(({ value }) => value));
    [...known.keys()].filter((value) => !wantedValues.has(value)).forEach((value) => known.delete(value));
  }

  /** Brings the filters in line with what is wanted. */
  async function ensureFilters(): Promise<void> {
    const at = await ensureCollector();
    if (covered === wanted) {
      return;
    }
    const machines = wanted;
    const hadFilters = await filters.cover(at, machines);
    covered = machines;
    if (hadFilters) {
      // Servers differ in whether a wait that is under way sees a new filter.
      await session.call("CancelWaitForUpdates", at).catch(() => undefined);
      await readNew();
    }
  }

  /** A change that is pushed meanwhile may be newer than what was read, or too little to know the state by: once more. */
  async function readNew(): Promise<void> {
    const { generation } = session;
    for (let triesLeft = mostReads; triesLeft > 0; triesLeft--) {
      const unknown = wanted.filter(({ value }) => !known.has(value));
      if (unknown.length === 0) {
        return;
      }
      const before = generation();
      pushed = new Set();
      const found = await readEach(session, unknown, watchedPaths);
      if (before !== generation()) {
        return;
      }
      for (const machine of unknown) {
        const properties = found.get(machine.value);
        if (properties && !pushed.has(machine.value) && wantedValues.has(machine.value)) {
          known.set(machine.value, { machine, properties: new Map(properties) });
          onUpdate(machine, properties);
        }
      }
    }
  }

  /** Makes the filters again without a VM that is gone or refused, or all anew when it is ours that is gone. */
  async function ensureInSpiteOf(error: unknown): Promise<void> {
    const isGone = isFault(error, "ManagedObjectNotFound");
    const named = isRefusal(error) && fromSoap(fieldOf((error as VimFault).detail, isGone ? "obj" : "object"));
    const machine = named && wanted.find((candidate) => isSame(candidate, named));
    if (machine) {
      want(wanted.filter((candidate) => candidate !== machine));
      onUpdate(machine, isGone ? "gone" : toMachineError(error));
    } else if (!isGone || ++rebuilds > mostRebuilds) {
      throw error;
    } else {
      collector = undefined;
      tasks.forget();
    }
    await ensure();
  }

  async function ensure(): Promise<void> {
    try {
      await ensureFilters();
    } catch (error) {
      await ensureInSpiteOf(error);
    }
  }

  async function waitOnce(at: MoRef, generation: symbol): Promise<void> {
    const startedAt = Date.now();
    const timer = setTimeout(
      () => {
        isSilent = true;
        follower.silent();
        onSilence();
      },
      maxWaitSeconds * 1_000 + lateMs,
    );
    let updates: unknown;
    try {
      updates = await session.call(
        "WaitForUpdatesEx",
        at,
        { version, options: { maxWaitSeconds, maxObjectUpdates } },
        { timeoutMs: maxWaitSeconds * 1_000 + lostMs, within: generation },
      );
    } finally {
      clearTimeout(timer);
    }
    rebuilds = 0;
    if (generation !== session.generation()) {
      return;
    }
    if (updates === undefined && Date.now() - startedAt < shortestWaitMs) {
      await new Promise((resolve) => setTimeout(resolve, shortestWaitMs));
    }
    version = textOf(fieldOf(updates, "version")) ?? version;
    for (const filterUpdate of listOf(fieldOf(updates, "filterSet"))) {
      listOf(fieldOf(filterUpdate, "objectSet")).forEach(apply);
    }
    if (isSilent) {
      isSilent = false;
      known.forEach(({ machine, properties }) => onUpdate(machine, properties));
    }
  }

  function apply(objectUpdate: unknown): void {
    if (tasks.take(objectUpdate)) {
      return;
    }
    const machine = fromSoap(fieldOf(objectUpdate, "obj"));
    if (!machine || !wantedValues.has(machine.value)) {
      return;
    }
    const kind = textOf(fieldOf(objectUpdate, "kind"));
    if (kind === "leave") {
      want(wanted.filter((candidate) => !isSame(candidate, machine)));
      onUpdate(machine, "gone");
      return;
    }
    const properties = kind === "modify" ? known.get(machine.value)?.properties : new Map<string, unknown>();
    pushed.add(machine.value);
    // A change to what a filter of earlier has told: the present one is about to tell all.
    if (!properties) {
      return;
    }
    known.set(machine.value, { machine, properties });
    for (const change of listOf(fieldOf(objectUpdate, "changeSet"))) {
      const name = textOf(fieldOf(change, "name")) ?? "";
      const value = fieldOf(change, "val");
      if (value === undefined) {
        properties.delete(name);
      } else {
        properties.set(name, value);
      }
    }
    refusalsOf(objectUpdate).forEach(([path, why]) => properties.set(path, why));
    onUpdate(machine, properties);
  }

  return {
    watch: async (machines) => {
      // A look-up that changed nothing costs no new filter.
      if (!areSame(machines, wanted)) {
        want(machines);
      }
      try {
        await changes.run(ensure);
      } finally {
        onWanted?.();
      }
    },
    latest: ({ value }) => (isSilent ? undefined : known.get(value)?.properties),
    run: async () => {
      follower.usePush(tasks);
      while (!isStopped) {
        if (wanted.length === 0) {
          await new Promise<void>((resolve) => (onWanted = resolve));
          continue;
        }
        try {
          await changes.run(ensure);
          if (collector && filters.count() > 0) {
            await waitOnce(collector.reference, collector.generation);
          }
        } catch (error) {
          await recover(error);
        }
      }
    },
    stop: () => {
      isStopped = true;
      tasks.forget();
      onWanted?.();
    },
  };

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
      await startOver();
    }
  }

  /** With all that the server keeps for this watch made anew, after a while. */
  async function startOver(): Promise<void> {
    const former = collector?.reference;
    collector = undefined;
    tasks.forget();
    rebuilds = 0;
    if (former) {
      await session.call("DestroyPropertyCollector", former).catch(() => undefined);
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, refusedPauseMs);
      onWanted = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function areSame(machines: readonly MoRef[], others: readonly MoRef[]): boolean {
  return machines.length === others.length && machines.every((machine, index) => isSame(machine, others[index]));
}
