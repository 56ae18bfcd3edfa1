/** Which objects a PropertyFilterSpec selects: object specs and the traversals from them. */
import { Fault } from "./fault.js";
import type { ManagedObject, ObjectTable } from "./managedObject.js";
import { type Reference, valueAt } from "./value.js";
import { child, childrenOf, type Element } from "./xml.js";

export interface PropertySet {
  readonly type: string;
  readonly all: boolean;
  readonly paths: readonly string[];
}

export interface FilterSpec {
  readonly propertySets: readonly PropertySet[];
  readonly objectSets: readonly Element[];
  /** Objects that are gone are left out; otherwise they are a fault. */
  readonly leavesOutMissing: boolean;
}

/** Types that a property set for their parent covers too. */
const parents: Readonly<Record<string, readonly string[]>> = {
  VirtualMachine: ["ManagedEntity", "ExtensibleManagedObject"],
  Folder: ["ManagedEntity"],
  Datacenter: ["ManagedEntity"],
  HostSystem: ["ManagedEntity"],
  ComputeResource: ["ManagedEntity"],
  Datastore: ["ManagedEntity"],
};

export function decodeFilterSpec(spec: Element): FilterSpec {
  return {
    propertySets: childrenOf(spec, "propSet").map((set) => ({
      type: child(set, "type")?.text ?? "",
      all: child(set, "all")?.text === "true",
      paths: childrenOf(set, "pathSet").map(({ text }) => text),
    })),
    objectSets: childrenOf(spec, "objectSet"),
    leavesOutMissing: child(spec, "reportMissingObjectsInResults")?.text === "true",
  };
}

export function decodeReference(element: Element | undefined): Reference {
  if (element?.type === undefined) {
    throw new Fault("InvalidArgument", "A specified parameter was not correct: a managed object reference has no type");
  }
  return { type: element.type, id: element.text.trim() };
}

/** The selected objects, each once, in the order of the traversal. */
export function selectObjects(spec: FilterSpec, objects: ObjectTable): ManagedObject[] {
  const selected = new Map<string, ManagedObject>();
  for (const objectSet of spec.objectSets) {
    const at = decodeReference(child(objectSet, "obj"));
    if (spec.leavesOutMissing && !objects.find(at.id)) {
      continue;
    }
    const start = objects.get(at);
    if (child(objectSet, "skip")?.text !== "true") {
      selected.set(start.reference.id, start);
    }
    const traversals = childrenOf(objectSet, "selectSet");
    const named = new Map<string, Element>();
    traversals.forEach((traversal) => collectNames(traversal, named));
    walk(start, traversals, { objects, named, selected, visited: new Set() });
  }
  const types = new Set(spec.propertySets.map(({ type }) => type));
  return [...selected.values()].filter(({ reference }) => typesOf(reference.type).some((type) => types.has(type)));
}

interface Walk {
  readonly objects: ObjectTable;
  readonly named: ReadonlyMap<string, Element>;
  readonly selected: Map<string, ManagedObject>;
  readonly visited: Set<string>;
}

function collectNames(traversal: Element, named: Map<string, Element>): void {
  const name = child(traversal, "name")?.text;
  if (name !== undefined && child(traversal, "path")) {
    named.set(name, traversal);
  }
  childrenOf(traversal, "selectSet").forEach((inner) => collectNames(inner, named));
}

function walk(from: ManagedObject, traversals: readonly Element[], context: Walk): void {
  for (const given of traversals) {
    // A plain SelectionSpec names a traversal that is spelled out elsewhere.
    const name = child(given, "name")?.text ?? "";
    const traversal = child(given, "path") ? given : context.named.get(name);
    const path = child(traversal, "path")?.text ?? "";
    const visit = `${from.reference.id} ${name} ${path}`;
    if (
      !traversal ||
      !typesOf(from.reference.type).includes(child(traversal, "type")?.text ?? "") ||
      context.visited.has(visit)
    ) {
      continue;
    }
    context.visited.add(visit);
    for (const target of targetsOf(from, path)) {
      const object = context.objects.find(target.id);
      if (!object) {
        continue;
      }
      if (child(traversal, "skip")?.text !== "true") {
        context.selected.set(target.id, object);
      }
      walk(object, childrenOf(traversal, "selectSet"), context);
    }
  }
}

function targetsOf(object: ManagedObject, path: string): readonly Reference[] {
  const value = valueAt(object.properties(), path);
  if (value?.kind === "reference") {
    return [value.reference];
  }
  return value?.kind === "array"
    ? value.items.flatMap((item) => (item.kind === "reference" ? [item.reference] : []))
    : [];
}

export function typesOf(type: string): readonly string[] {
  return [type, ...(parents[type] ?? [])];
}

/** The paths that the property sets ask of an object. */
export function pathsFor(spec: FilterSpec, object: ManagedObject): readonly string[] {
  const types = typesOf(object.reference.type);
  return spec.propertySets
    .filter(({ type }) => types.includes(type))
    .flatMap(({ all, paths }) => (all ? Object.keys(object.properties()) : paths));
}
