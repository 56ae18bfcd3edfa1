/**
 * The property filters of one PropertyCollector over all watched VMs: one for few VMs, several for many, since encoding
 * a filter blocks the process, and since a change then only affects one of them.
 */
import { watchedPaths } from "./machineSnapshot.js";
import { fromSoap, type MoRef, toSoap } from "./moRef.js";
import { propertySpec } from "./properties.js";
import type { VimSession } from "./session.js";
import { VimTransportError } from "./vimErrors.js";

export interface WatchFilters {
  /**
   * Makes the filters match `machines`: new ones are created before others are destroyed, so that no change of a VM is
   * missed. Returns whether there were filters before.
   */
  readonly cover: (collector: MoRef, machines: readonly MoRef[]) => Promise<boolean>;
  readonly count: () => number;
  /** The collector is gone, and its filters with it. */
  readonly forget: () => void;
}

interface Filter {
  readonly reference: MoRef;
  readonly machines: readonly MoRef[];
}

/** Maximum VMs per filter: encoding one takes about 20 µs per VM. */
const maxMachines = 250;

export function createWatchFilters(session: VimSession): WatchFilters {
  let filters: readonly Filter[] = [];
  /** Replaced, or about to be. */
  let retired: readonly Filter[] = [];

  function retire(some: readonly Filter[]): void {
    filters = filters.filter((filter) => !some.includes(filter));
    retired = [...retired, ...some];
  }

  async function create(collector: MoRef, machines: readonly MoRef[]): Promise<void> {
    const objectSet = machines.map((machine) => ({ obj: toSoap(machine) }));
    const spec = { propSet: [propertySpec("VirtualMachine", watchedPaths)], objectSet };
    const reference = fromSoap(await session.call("CreateFilter", collector, { spec, partialUpdates: false }));
    if (!reference) {
      throw new VimTransportError("badResponse", "vCenter made no property filter");
    }
    filters = [...filters, { reference, machines }];
  }

  async function destroyRetired(): Promise<void> {
    const leaving = retired;
    retired = [];
    for (const { reference } of leaving) {
      await session.call("DestroyPropertyFilter", reference).catch(() => undefined);
    }
  }

  return {
    cover: async (collector, machines) => {
      const hadFilters = filters.length + retired.length > 0;
      const wanted = new Set(machines.map(({ value }) => value));
      retire(filters.filter((filter) => !filter.machines.every(({ value }) => wanted.has(value))));
      let missing = notIn(filters, machines);
      const smallest = smallestOf(filters);
      // VMs that come one by one share a filter.
      if (missing.length > 0 && smallest && smallest.machines.length < maxMachines) {
        retire([smallest]);
        missing = notIn(filters, machines);
      }
      for (let at = 0; at < missing.length; at += maxMachines) {
        await create(collector, missing.slice(at, at + maxMachines));
      }
      await destroyRetired();
      return hadFilters;
    },
    count: () => filters.length,
    forget: () => {
      filters = [];
      retired = [];
    },
  };
}

function notIn(filters: readonly Filter[], machines: readonly MoRef[]): readonly MoRef[] {
  const covered = new Set(filters.flatMap((filter) => filter.machines.map(({ value }) => value)));
  return machines.filter(({ value }) => !covered.has(value));
}

function smallestOf(filters: readonly Filter[]): Filter | undefined {
  return filters.reduce<Filter | undefined>(
    (least, filter) => (least && least.machines.length <= filter.machines.length ? least : filter),
    undefined,
  );
}
