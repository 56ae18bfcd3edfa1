/** The inventory of one simulated vCenter: root folder, datacenter, host, datastore and the VMs. */
import { createDatastore, type DatastoreDefinition, parseDatastorePath, type StoredFile } from "./datastore.js";
import type { MountedDatastore } from "./datastoreObjects.js";
import { addInfrastructure, datacenter, datacenterName, rootFolder, vmFolder } from "./infrastructure.js";
import { createObjectTable, type ManagedObject, type ObjectTable } from "./managedObject.js";
import { createVm, type SimulatedVm, type Surroundings, type VmDefinition, vmObject } from "./simulatedVm.js";
import type { Reference } from "./value.js";
import type { VmFolder } from "./vmFolders.js";

export interface Inventory {
  readonly objects: ObjectTable;
  readonly vms: ReadonlyMap<string, SimulatedVm>;
  readonly rootFolder: Reference;
  readonly surroundings: Surroundings;
  readonly datastores: readonly MountedDatastore[];
  readonly datacenter: Reference;
  readonly datacenterName: string;
  /** The file at a datastore path such as `[datastore1] iso/x.iso`, while its datastore is accessible. */
  readonly fileAt: (datastorePath: string) => StoredFile | undefined;
  readonly addVm: (definition: VmDefinition) => SimulatedVm;
  readonly removeVm: (id: string) => void;
  /** Gives the VMs new references, as after a restore or when they were all registered again. */
  readonly changeReferences: (how: "shuffled" | "new") => void;
  /** Notifies watchers that the VM was changed. */
  readonly changed: (vm: SimulatedVm) => void;
  /** The inventory path of a VM, e.g. `DC0/vm/vm-01`. */
  readonly pathOf: (vm: SimulatedVm) => string;
  /** The datacenter, VM folder or datastore at an inventory path, e.g. `DC0/vm/Lab` or `DC0/datastore/datastore1`. */
  readonly folderAt: (path: string) => Reference | undefined;
  /** Whether an object is below another one, at any depth. */
  readonly isWithin: (object: Reference, container: Reference) => boolean;
}

const usualDatastores: readonly DatastoreDefinition[] = [{ name: "datastore1" }];

/** `hostNames` are where the simulator itself answers, since it plays the hosts' part for diagnostic interrupts. */
export function createInventory(
  definitions: readonly VmDefinition[],
  hostNames: readonly string[],
  told: { readonly isDatastoreUrlTold: () => boolean; readonly enabledRuleSets: () => ReadonlySet<string> },
  datastoreDefinitions: readonly DatastoreDefinition[] = usualDatastores,
): Inventory {
  const objects = createObjectTable();
  const vms = new Map<string, SimulatedVm>();
  const hosts = hostNames.map((_, index): Reference => ({ type: "HostSystem", id: `host-${9 + 2 * index}` }));
  const datastores = datastoreDefinitions.map(mountDatastore);
  const [home] = datastores;
  if (!home) {
    throw new Error("a datastore is needed");
  }
  const surroundings: Surroundings = {
    folder: vmFolder,
    hosts,
    datastore: home.reference,
    datastoreName: home.datastore.name,
    datastoreUrl: home.url,
    isDatastoreUrlTold: told.isDatastoreUrlTold,
  };
  let lastVm = 0;

  const folders = addInfrastructure({
    objects,
    hosts,
    hostNames,
    datastores,
    enabledRuleSets: told.enabledRuleSets,
    vmIds: (host) => [...vms.values()].filter((vm) => host === undefined || vm.host === host).map(({ id }) => id),
  });

  function addVm(definition: VmDefinition): SimulatedVm {
    const vm = createVm(nextId(), definition, new Date());
    register(vm, folders.at(definition.folder ?? ""));
    return vm;
  }

  function nextId(): string {
    return `vm-${100 + ++lastVm}`;
  }

  function register(vm: SimulatedVm, folder: VmFolder): void {
    vms.set(vm.id, vm);
    folder.vmIds.add(vm.id);
    objects.add(vmObject(vm, { ...surroundings, folder: folder.reference }));
    objects.changed(folder.reference.id);
  }

  function removeVm(id: string): void {
    const vm = vms.get(id);
    if (vm) {
      const folder = folderOf(vm);
      folder.vmIds.delete(id);
      objects.changed(folder.reference.id);
    }
    vms.delete(id);
    objects.remove(id);
  }

  function changeReferences(how: "shuffled" | "new"): void {
    const all = [...vms.values()].map((vm) => ({ vm, folder: folderOf(vm) }));
    const ids = [...vms.keys()];
    ids.forEach(removeVm);
    all.forEach(({ vm, folder }, index) => {
      vm.id = how === "new" ? nextId() : (ids[(index + 1) % ids.length] ?? nextId());
      register(vm, folder);
    });
  }

  function folderOf(vm: SimulatedVm): VmFolder {
    return [...folders.all.values()].find(({ vmIds }) => vmIds.has(vm.id)) ?? folders.top;
  }

  definitions.forEach(addVm);
  return {
    objects,
    vms,
    rootFolder,
    surroundings,
    datastores,
    datacenter,
    datacenterName,
    fileAt: (datastorePath) => {
      const { datastoreName, path = "" } = parseDatastorePath(datastorePath) ?? {};
      const found = datastores.find(({ datastore }) => datastore.name === datastoreName)?.datastore;
      return found?.isAccessible === true ? found.files.get(path) : undefined;
    },
    addVm,
    removeVm,
    changeReferences,
    changed: (vm) => objects.changed(vm.id),
    pathOf: (vm) => `${datacenterName}/${folderOf(vm).path}/${vm.name}`,
    folderAt: (path) => {
      const [first, ...rest] = path.split("/");
      if (first !== datacenterName) {
        return undefined;
      }
      if (rest[0] === "datastore") {
        return datastores.find(({ datastore }) => datastore.name === rest[1])?.reference;
      }
      return rest.length === 0 ? datacenter : folders.all.get(rest.join("/"))?.reference;
    },
    isWithin: (object, container) => isWithin(objects, object, container),
  };
}

function isWithin(objects: ObjectTable, object: Reference, container: Reference): boolean {
  if (container.id === rootFolder.id) {
    return object.id !== rootFolder.id;
  }
  let at = parentOf(objects.find(object.id));
  while (at && at.id !== container.id) {
    at = parentOf(objects.find(at.id));
  }
  return at !== undefined;
}

function parentOf(object: ManagedObject | undefined): Reference | undefined {
  const parent = object?.properties()["parent"];
  return parent?.kind === "reference" ? parent.reference : undefined;
}

function mountDatastore(definition: DatastoreDefinition, index: number): MountedDatastore {
  const id = `datastore-${10 + 100 * index}`;
  return {
    reference: { type: "Datastore", id },
    browser: { type: "HostDatastoreBrowser", id: `datastoreBrowser-${id}` },
    datastore: createDatastore(definition),
    url: index === 0 ? "ds:///vmfs/volumes/simulated/" : `ds:///vmfs/volumes/simulated-${index + 1}/`,
  };
}
