/** Managed objects: what the inventory holds, by reference, and who wants to know when one changes. */
import { Fault } from "./fault.js";
import { type Reference, reference, type Value } from "./value.js";

export interface ManagedObject {
  readonly reference: Reference;
  readonly properties: () => Readonly<Record<string, Value | undefined>>;
}

export interface ObjectTable {
  readonly add: (object: ManagedObject) => void;
  readonly remove: (id: string) => void;
  /** Throws ManagedObjectNotFound. */
  readonly get: (reference: Reference) => ManagedObject;
  readonly find: (id: string) => ManagedObject | undefined;
  readonly all: () => Iterable<ManagedObject>;
  /** Notifies the listeners that properties of the object may have changed. */
  readonly changed: (id: string) => void;
  /** Returns the function that ends the subscription. */
  readonly onChange: (listener: (id: string) => void) => () => void;
}

export function createObjectTable(): ObjectTable {
  const objects = new Map<string, ManagedObject>();
  const listeners = new Set<(id: string) => void>();
  const changed = (id: string): void => listeners.forEach((listener) => listener(id));
  return {
    add: (object) => {
      objects.set(object.reference.id, object);
      changed(object.reference.id);
    },
    remove: (id) => {
      objects.delete(id);
      changed(id);
    },
    get: ({ type, id }) => {
      const object = objects.get(id);
      if (object?.reference.type !== type) {
        const message = `The object '${type}:${id}' has already been deleted or has not been completely created`;
        throw new Fault("ManagedObjectNotFound", message, { obj: reference(type, id) });
      }
      return object;
    },
    find: (id) => objects.get(id),
    all: () => objects.values(),
    changed,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
