/**
 * Push: one PropertyCollector of our own, one filter over the VMs served, one WaitForUpdatesEx at a time. A change of
 * what is served makes a new filter before the old one goes, so that no change of a VM is missed.
 */
import { isFault } from "./faults.js";
import { fromSoap, toSoap, type MoRef } from "./moRef.js";
import { watchedPaths } from "./machineSnapshot.js";
import { propertySpec, type Properties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";
import { VimTransportError } from "./vimErrors.js";

/**
 * A wait answers after this time at the latest, also when nothing changed: it is the proof that vCenter is alive, s.
 * A vCenter that hangs is found out that long, and the slack, after its last answer.
 */
const maxWaitSeconds = 5;
const waitSlackMs = 2_000;
const maxObjectUpdates = 250;

export interface Watch {
  /** Replaces the set of watched VMs; their present state comes as the first update. */
  readonly watch: (machines: readonly MoRef[]) => Promise<void>;
  /** Waits for updates until `stop`, or until a call fails: then it throws. */
  readonly run: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface WatchEvents {
  /** `gone`: the VM has been deleted, or is no longer visible. */
  readonly onUpdate: (machine: MoRef, properties: Properties | "gone") => void;
}

export async function createWatch(session: VimSession, { onUpdate }: WatchEvents): Promise<Watch> {
  const collector = fromSoap(await session.call("CreatePropertyCollector", session.content.propertyCollector));
  if (!collector) {
    throw new VimTransportError("badResponse", "vCenter made no property collector");
  }
  const known = new Map<string, Map<string, unknown>>();
  let filter: MoRef | undefined;
  let version = "";
  let isStopped = false;
  /** Resolved by the first filter: a wait without one would be answered at once, again and again. */
  let onFilter: (() => void) | undefined;

  async function waitOnce(): Promise<void> {
    const updates = await session.call(
      "WaitForUpdatesEx",
      collector as MoRef,
      { version, options: { maxWaitSeconds, maxObjectUpdates } },
      { timeoutMs: maxWaitSeconds * 1_000 + waitSlackMs },
    );
    version = textOf(fieldOf(updates, "version")) ?? version;
    for (const filterUpdate of listOf(fieldOf(updates, "filterSet"))) {
      for (const objectUpdate of listOf(fieldOf(filterUpdate, "objectSet"))) {
        apply(objectUpdate);
      }
    }
  }

  function apply(objectUpdate: unknown): void {
    const machine = fromSoap(fieldOf(objectUpdate, "obj"));
    if (!machine) {
      return;
    }
    const kind = textOf(fieldOf(objectUpdate, "kind"));
    if (kind === "leave") {
      known.delete(machine.value);
      onUpdate(machine, "gone");
      return;
    }
    const properties = known.get(machine.value) ?? new Map<string, unknown>();
    known.set(machine.value, properties);
    for (const change of listOf(fieldOf(objectUpdate, "changeSet"))) {
      const name = textOf(fieldOf(change, "name")) ?? "";
      const value = fieldOf(change, "val");
      if (value === undefined) {
        properties.delete(name);
      } else {
        properties.set(name, value);
      }
    }
    onUpdate(machine, properties);
  }

  return {
    watch: async (machines) => {
      const former = filter;
      const objectSet = machines.map((machine) => ({ obj: toSoap(machine) }));
      const spec = { propSet: [propertySpec("VirtualMachine", watchedPaths)], objectSet };
      if (machines.length > 0) {
        filter = fromSoap(await session.call("CreateFilter", collector, { spec, partialUpdates: false }));
        onFilter?.();
      } else {
        filter = undefined;
      }
      if (former) {
        await session.call("DestroyPropertyFilter", former).catch(() => undefined);
        // Servers differ in whether a wait that is under way sees a new filter.
        await session.call("CancelWaitForUpdates", collector).catch(() => undefined);
      }
    },
    run: async () => {
      while (!isStopped) {
        if (!filter) {
          await new Promise<void>((resolve) => (onFilter = resolve));
          continue;
        }
        try {
          await waitOnce();
        } catch (error) {
          if (!isFault(error, "RequestCanceled")) {
            throw error;
          }
        }
      }
    },
    stop: async () => {
      isStopped = true;
      onFilter?.();
      await session.call("CancelWaitForUpdates", collector, {}, { timeoutMs: 1_000 }).catch(() => undefined);
    },
  };
}
