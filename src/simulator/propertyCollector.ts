/** One PropertyCollector: its filters, what each has reported already, and the wait for updates. */
import { Fault } from "./fault.js";
import type { ObjectTable } from "./managedObject.js";
import { type FilterSpec, selectObjects } from "./selection.js";
import { encodeObjectUpdate, type Filter } from "./updateEncoding.js";
import type { Reference } from "./value.js";
import { child } from "./xml.js";

export interface WaitOptions {
  readonly version: string;
  readonly maxWaitMs: number | undefined;
  readonly maxObjectUpdates: number;
}

export interface PropertyCollector {
  /** Throws ManagedObjectNotFound for an object of the spec that is not there. */
  readonly addFilter: (id: string, spec: FilterSpec) => void;
  readonly removeFilter: (id: string) => void;
  /** The XML of the UpdateSet, or undefined when the time was over; throws RequestCanceled. */
  readonly wait: (options: WaitOptions) => Promise<string | undefined>;
  readonly cancel: () => void;
  readonly close: () => void;
}

/** `xsi` is the prefix that values name their types with. */
export function createPropertyCollector(
  objects: ObjectTable,
  xsi: () => string,
  mayRead: (object: Reference) => boolean,
): PropertyCollector {
  const filters = new Map<string, Filter>();
  let version = 0;
  let wake: ((canceled?: "canceled") => void) | undefined;

  const unsubscribe = objects.onChange((id) => {
    for (const { dirty, isTraversing, selected } of filters.values()) {
      if (isTraversing || selected.has(id)) {
        dirty.add(id);
      }
    }
    wake?.();
  });

  function encodeUpdates(limit: number): { xml: string; truncated: boolean } | undefined {
    let count = 0;
    let truncated = false;
    let xml = "";
    for (const filter of filters.values()) {
      lookForNew(filter);
      let updates = "";
      for (const id of filter.dirty) {
        if (count >= limit) {
          truncated = true;
          break;
        }
        filter.dirty.delete(id);
        const update = encodeObjectUpdate({ objects, xsi, mayRead }, filter, id);
        if (update !== undefined) {
          updates += update;
          count++;
        }
      }
      if (updates !== "") {
        xml += `<filterSet><filter type="PropertyFilter">${filter.id}</filter>${updates}</filterSet>`;
      }
    }
    return xml === "" ? undefined : { xml, truncated };
  }

  /** An object that was created or listed since may now be among those that the spec selects, and others no longer. */
  function lookForNew(filter: Filter): void {
    if (filter.isTraversing && [...filter.dirty].some((id) => !filter.selected.has(id) && objects.find(id))) {
      const before = filter.selected;
      filter.selected = selectedIds(filter.spec);
      filter.selected.forEach((id) => (before.has(id) ? undefined : filter.dirty.add(id)));
      before.forEach((id) => (filter.selected.has(id) ? undefined : filter.dirty.add(id)));
    }
  }

  function selectedIds(spec: FilterSpec): ReadonlySet<string> {
    return new Set(selectObjects(spec, objects).map(({ reference }) => reference.id));
  }

  function startOver(): void {
    for (const filter of filters.values()) {
      filter.told.clear();
      lookForNew(filter);
      filter.selected.forEach((id) => filter.dirty.add(id));
    }
  }

  /** Resolves when something may have changed, with "canceled" or "late" where that is why. */
  function pause(maxWaitMs: number | undefined): Promise<"changed" | "canceled" | "late"> {
    return new Promise((resolve) => {
      const timer = maxWaitMs === undefined ? undefined : setTimeout(() => finish("late"), maxWaitMs);
      const finish = (why: "changed" | "canceled" | "late"): void => {
        clearTimeout(timer);
        wake = undefined;
        resolve(why);
      };
      wake = (canceled) => finish(canceled ?? "changed");
    });
  }

  return {
    addFilter: (id, spec) => {
      const isTraversing = spec.objectSets.some((objectSet) => child(objectSet, "selectSet") !== undefined);
      const selected = selectedIds(spec);
      filters.set(id, { id, spec, isTraversing, selected, told: new Map(), dirty: new Set(selected) });
      wake?.();
    },
    removeFilter: (id) => void filters.delete(id),
    wait: async ({ version: from, maxWaitMs, maxObjectUpdates }) => {
      if (from === "") {
        startOver();
      }
      const deadline = maxWaitMs === undefined ? undefined : Date.now() + maxWaitMs;
      for (;;) {
        const updates = encodeUpdates(maxObjectUpdates);
        if (updates) {
          version++;
          const truncated = updates.truncated ? "<truncated>true</truncated>" : "";
          return `<version>${version}</version>${updates.xml}${truncated}`;
        }
        const left = deadline === undefined ? undefined : deadline - Date.now();
        if (left !== undefined && left <= 0) {
          return undefined;
        }
        if ((await pause(left)) === "canceled") {
          throw new Fault("RequestCanceled", "The request was canceled.");
        }
      }
    },
    cancel: () => wake?.("canceled"),
    close: () => {
      unsubscribe();
      wake?.("canceled");
    },
  };
}
