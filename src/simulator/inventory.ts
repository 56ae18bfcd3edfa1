/** The inventory of one simulated vCenter: root folder, datacenter, host, datastore and the VMs. */
import { createDatastore, type DatastoreDefinition, parseDatastorePath, type StoredFile } from "./datastore.js";
import { browserObject, datastoreFields, type MountedDatastore } from "./datastoreObjects.js";
import { firewallInfo } from "./hostFirewall.js";
import { createObjectTable, type ManagedObject, type ObjectTable } from "./managedObject.js";
import { counterProperties, performanceManager } from "./performance.js";
import { createVm, hostMhz, type SimulatedVm, type Surroundings, type VmDefinition, vmObject } from "./simulatedVm.js";
import {
  array,
  boolean,
  int,
  type Reference,
  reference,
  references,
  structure,
  symbol,
  text,
  type Value,
} from "./value.js";
import { createVmFolders, type VmFolder } from "./vmFolders.js";

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
  /** The VMs have other references afterwards, as after a restore or when they were all registered anew. */
  readonly changeReferences: (how: "shuffled" | "new") => void;
  /** Tells watchers that the VM was changed. */
  readonly changed: (vm: SimulatedVm) => void;
  /** The inventory path of a VM, e.g. `DC0/vm/vm-01`. */
  readonly pathOf: (vm: SimulatedVm) => string;
  /** The datacenter, VM folder or datastore at an inventory path, e.g. `DC0/vm/Lab` or `DC0/datastore/datastore1`. */
  readonly folderAt: (path: string) => Reference | undefined;
  /** Whether an object is below another one, at any depth. */
  readonly isWithin: (object: Reference, container: Reference) => boolean;
}

const datacenterName = "DC0";
const usualDatastores: readonly DatastoreDefinition[] = [{ name: "datastore1" }];

const hostHardware = structure("HostHardwareSummary", {
  vendor: text("Simulated"),
  model: text("ESXi host"),
  // Intel fills it up with blanks.
  cpuModel: text("Intel(R) Xeon(R) Gold 6142 CPU   @ 2.60GHz"),
  cpuMhz: int(hostMhz),
});

/** `hostNames` are where the simulator itself answers, since it plays the hosts' part for diagnostic interrupts. */
export function createInventory(
  definitions: readonly VmDefinition[],
  hostNames: readonly string[],
  told: { readonly isDatastoreUrlTold: () => boolean; readonly enabledRuleSets: () => ReadonlySet<string> },
  datastoreDefinitions: readonly DatastoreDefinition[] = usualDatastores,
): Inventory {
  const objects = createObjectTable();
  const vms = new Map<string, SimulatedVm>();
  const rootFolder: Reference = { type: "Folder", id: "group-d1" };
  const datacenter: Reference = { type: "Datacenter", id: "datacenter-2" };
  const vmFolder: Reference = { type: "Folder", id: "group-v3" };
  const hostFolder: Reference = { type: "Folder", id: "group-h4" };
  const cluster: Reference = { type: "ComputeResource", id: "domain-s7" };
  const hosts = hostNames.map((_, index): Reference => ({ type: "HostSystem", id: `host-${9 + 2 * index}` }));
  const datastoreFolder: Reference = { type: "Folder", id: "group-s5" };
  const datastores = datastoreDefinitions.map(mountDatastore);
  const datastoreReferences = datastores.map(({ reference: own }) => own);
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

  const green = symbol("ManagedEntityStatus", "green");
  const entity = (
    at: Reference,
    name: string,
    parent: Reference | undefined,
    fields: () => Record<string, Value>,
  ): void =>
    objects.add({
      reference: at,
      properties: () => ({
        name: text(name),
        parent: parent && reference(parent.type, parent.id),
        overallStatus: green,
        ...fields(),
      }),
    });
  const vmReferences = (host?: number): Value => {
    const own = [...vms.values()].filter((vm) => host === undefined || vm.host === host);
    return references(own.map(({ id }) => ({ type: "VirtualMachine", id })));
  };
  const childType = (type: string): Value => array("String", [text(type)]);

  objects.add({ reference: performanceManager, properties: counterProperties });
  entity(rootFolder, "Datacenters", undefined, () => ({
    childEntity: references([datacenter]),
    childType: childType("Datacenter"),
  }));
  entity(datacenter, datacenterName, rootFolder, () => ({
    vmFolder: reference(vmFolder.type, vmFolder.id),
    hostFolder: reference(hostFolder.type, hostFolder.id),
    datastoreFolder: reference(datastoreFolder.type, datastoreFolder.id),
    datastore: references(datastoreReferences),
  }));
  const folders = createVmFolders(vmFolder, (folder) => {
    entity(folder.reference, folder.name, folder.parent?.reference ?? datacenter, () => ({
      childEntity: references([
        ...folder.folders.map(({ reference: child }) => child),
        ...[...folder.vmIds].map((id) => ({ type: "VirtualMachine", id })),
      ]),
      childType: array("String", [text("Folder"), text("VirtualMachine")]),
    }));
  });
  entity(hostFolder, "host", datacenter, () => ({
    childEntity: references([cluster]),
    childType: childType("ComputeResource"),
  }));
  entity(cluster, hostNames[0] ?? "", hostFolder, () => ({
    host: references(hosts),
    datastore: references(datastoreReferences),
  }));
  hosts.forEach((host, index) =>
    entity(host, hostNames[index] ?? "", cluster, () => ({
      vm: vmReferences(index),
      datastore: references(datastoreReferences),
      config: structure("HostConfigInfo", {
        host: reference(host.type, host.id),
        firewall: firewallInfo(told.enabledRuleSets()),
      }),
      summary: structure("HostListSummary", { host: reference(host.type, host.id), hardware: hostHardware }),
      runtime: structure("HostRuntimeInfo", {
        connectionState: symbol("HostSystemConnectionState", "connected"),
        powerState: symbol("HostSystemPowerState", "poweredOn"),
        inMaintenanceMode: boolean(false),
      }),
    })),
  );
  entity(datastoreFolder, "datastore", datacenter, () => ({
    childEntity: references(datastoreReferences),
    childType: childType("Datastore"),
  }));
  datastores.forEach((mounted, index) => {
    entity(mounted.reference, mounted.datastore.name, datastoreFolder, () => ({
      ...datastoreFields(mounted, hosts),
      // All VMs are on the first one.
      vm: index === 0 ? vmReferences() : references([]),
    }));
    objects.add(browserObject(mounted));
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
    isWithin: (object, container) => {
      if (container.id === rootFolder.id) {
        return object.id !== rootFolder.id;
      }
      let at = parentOf(objects.find(object.id));
      while (at && at.id !== container.id) {
        at = parentOf(objects.find(at.id));
      }
      return at !== undefined;
    },
  };
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
