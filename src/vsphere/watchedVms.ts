/** The VMs of a watch, and what is known of each. */
import type { MachineError } from "../model/machine/errors.js";
import { fromSoap, isSame, type MoRef } from "./moRef.js";
import { type Properties, refusalsOf } from "./properties.js";
import { fieldOf, listOf, textOf } from "./soapValue.js";

/** `gone`: the VM has been deleted, or is no longer visible; a MachineError: the server refuses to have it watched. */
export type OnUpdate = (machine: MoRef, properties: Properties | "gone" | MachineError) => void;

export interface WatchedVms {
  readonly wanted: () => readonly MoRef[];
  readonly want: (machines: readonly MoRef[]) => void;
  /** Stops to want a VM, and reports why. */
  readonly drop: (machine: MoRef, why: "gone" | MachineError) => void;
  /** Takes in one ObjectUpdate of a PropertyCollector. */
  readonly apply: (objectUpdate: unknown) => void;
  /** Those of which nothing is known. From now on it is noted of which something is pushed. */
  readonly beginRead: () => readonly MoRef[];
  /** What was read of a VM since beginRead: not taken in if something was pushed, which may be newer. */
  readonly adopt: (machine: MoRef, properties: Properties) => void;
  readonly latest: (machine: MoRef) => Properties | undefined;
  /** Reports all that is known once more. */
  readonly updateAll: () => void;
  /** Forgets what is known: the same references may name other VMs now. */
  readonly forget: () => void;
}

export function createWatchedVms(onUpdate: OnUpdate): WatchedVms {
  let wanted: readonly MoRef[] = [];
  let wantedValues: ReadonlySet<string> = new Set();
  const known = new Map<string, { readonly machine: MoRef; readonly properties: Map<string, unknown> }>();
  /** VMs of which something was pushed since a read of new ones was sent off. */
  let pushed = new Set<string>();

  function want(machines: readonly MoRef[]): void {
    wanted = machines;
    wantedValues = new Set(machines.map(({ value }) => value));
    [...known.keys()].filter((value) => !wantedValues.has(value)).forEach((value) => known.delete(value));
  }

  function drop(machine: MoRef, why: "gone" | MachineError): void {
    want(wanted.filter((candidate) => !isSame(candidate, machine)));
    onUpdate(machine, why);
  }

  return {
    wanted: () => wanted,
    want,
    drop,
    apply: (objectUpdate) => {
      const machine = fromSoap(fieldOf(objectUpdate, "obj"));
      if (!machine || !wantedValues.has(machine.value)) {
        return;
      }
      const kind = textOf(fieldOf(objectUpdate, "kind"));
      if (kind === "leave") {
        drop(machine, "gone");
        return;
      }
      const properties = kind === "modify" ? known.get(machine.value)?.properties : new Map<string, unknown>();
      pushed.add(machine.value);
      // Ignore changes reported by an old filter: its replacement is about to report the full state.
      if (properties) {
        known.set(machine.value, { machine, properties });
        applyChanges(properties, objectUpdate);
        onUpdate(machine, properties);
      }
    },
    beginRead: () => {
      pushed = new Set();
      return wanted.filter(({ value }) => !known.has(value));
    },
    adopt: (machine, properties) => {
      if (!pushed.has(machine.value) && wantedValues.has(machine.value)) {
        known.set(machine.value, { machine, properties: new Map(properties) });
        onUpdate(machine, properties);
      }
    },
    latest: ({ value }) => known.get(value)?.properties,
    updateAll: () => known.forEach(({ machine, properties }) => onUpdate(machine, properties)),
    forget: () => known.clear(),
  };
}

function applyChanges(properties: Map<string, unknown>, objectUpdate: unknown): void {
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
}
