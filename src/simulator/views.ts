/** Views: lists of managed objects, by what they are or by their names, for a PropertyCollector to traverse. */
import { randomUUID } from "node:crypto";

import { argument, type Call, type Method } from "./call.js";
import { decodeReference } from "./selection.js";
import { type Reference, reference, type Value } from "./value.js";
import { childrenOf } from "./xml.js";

/** Adds a view to what the session sees; it goes with the session. */
function addView({ session, service }: Call, type: string, items: () => readonly Reference[]): Value {
  const { objects } = service.inventory;
  const at: Reference = { type, id: `session[${session.key}]${randomUUID()}` };
  objects.add({ reference: at, properties: () => ({ view: listOf(items()) }) });
  session.onEnd.add(() => objects.remove(at.id));
  return reference(at.type, at.id);
}

function listOf(references: readonly Reference[]): Value {
  return {
    kind: "array",
    type: "ArrayOfManagedObjectReference",
    element: "ManagedObjectReference",
    items: references.map((item) => ({ kind: "reference", reference: item })),
  };
}

function references(call: Call, parameter: string): readonly Reference[] {
  return childrenOf(call.request, parameter).map(decodeReference);
}

export const viewMethods: Readonly<Record<string, Method>> = {
  CreateContainerView: {
    parameters: ["container", "type", "recursive"],
    run: (call) => {
      const { objects, isWithin } = call.service.inventory;
      const container = objects.get(decodeReference(argument(call, "container"))).reference;
      const { isGranted } = call.service;
      const types = childrenOf(call.request, "type").map(({ text }) => text);
      return addView(call, "ContainerView", () =>
        [...objects.all()]
          .map((object) => object.reference)
          .filter(({ type }) => types.length === 0 || types.includes(type))
          .filter((item) => isWithin(item, container) && isGranted(item, "System.View")),
      );
    },
  },
  CreateListView: {
    parameters: ["obj"],
    run: (call) => {
      const { inventory, listViews } = call.service;
      const listed = new Map(references(call, "obj").map((item) => [inventory.objects.get(item).reference.id, item]));
      const view = addView(call, "ListView", () => [...listed.values()]);
      if (view.kind === "reference") {
        const { id } = view.reference;
        listViews.set(id, listed);
        call.session.onEnd.add(() => listViews.delete(id));
      }
      return view;
    },
  },
  /** Gives those of `add` that are not there. */
  ModifyListView: {
    parameters: ["add", "remove"],
    run: (call) => {
      const { inventory, listViews } = call.service;
      const { id } = inventory.objects.get(call.target).reference;
      const listed = listViews.get(id);
      references(call, "remove").forEach((item) => listed?.delete(item.id));
      const added = references(call, "add");
      const unresolved = added.filter((item) => !inventory.objects.find(item.id));
      added.filter((item) => !unresolved.includes(item)).forEach((item) => listed?.set(item.id, item));
      inventory.objects.changed(id);
      return { kind: "list", items: unresolved.map((item) => ({ kind: "reference", reference: item })) };
    },
  },
  DestroyView: {
    parameters: [],
    run: ({ target, service }) => {
      service.inventory.objects.get(target);
      service.inventory.objects.remove(target.id);
      return undefined;
    },
  },
};
