/** What is around the VMs of a simulated vCenter: root folder, datacenter, cluster, hosts and datastores. */
import { browserObject, datastoreFields, type MountedDatastore } from "./datastoreObjects.js";
import { firewallInfo } from "./hostFirewall.js";
import type { ObjectTable } from "./managedObject.js";
import { counterProperties, performanceManager } from "./performance.js";
import { hostMhz } from "./simulatedVm.js";
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
import { createVmFolders, type VmFolders } from "./vmFolders.js";

export const rootFolder: Reference = { type: "Folder", id: "group-d1" };
export const datacenter: Reference = { type: "Datacenter", id: "datacenter-2" };
export const vmFolder: Reference = { type: "Folder", id: "group-v3" };
export const datacenterName = "DC0";
const hostFolder: Reference = { type: "Folder", id: "group-h4" };
const cluster: Reference = { type: "ComputeResource", id: "domain-s7" };
const datastoreFolder: Reference = { type: "Folder", id: "group-s5" };

const hostHardware = structure("HostHardwareSummary", {
  vendor: text("Simulated"),
  model: text("ESXi host"),
  // Intel fills it up with blanks.
  cpuModel: text("Intel(R) Xeon(R) Gold 6142 CPU   @ 2.60GHz"),
  cpuMhz: int(hostMhz),
});

export interface InfrastructureOptions {
  readonly objects: ObjectTable;
  readonly hosts: readonly Reference[];
  readonly hostNames: readonly string[];
  readonly datastores: readonly MountedDatastore[];
  readonly enabledRuleSets: () => ReadonlySet<string>;
  /** IDs of the VMs on a host, or of all. */
  readonly vmIds: (host?: number) => readonly string[];
}

/** Adds the objects; returns the folders that VMs are in. */
export function addInfrastructure(options: InfrastructureOptions): VmFolders {
  const { objects, datastores } = options;
  const datastoreReferences = datastores.map(({ reference: own }) => own);
  objects.add({ reference: performanceManager, properties: counterProperties });
  addEntity(objects, rootFolder, "Datacenters", undefined, () => ({
    childEntity: references([datacenter]),
    childType: childType("Datacenter"),
  }));
  addEntity(objects, datacenter, datacenterName, rootFolder, () => ({
    vmFolder: reference(vmFolder.type, vmFolder.id),
    hostFolder: reference(hostFolder.type, hostFolder.id),
    datastoreFolder: reference(datastoreFolder.type, datastoreFolder.id),
    datastore: references(datastoreReferences),
  }));
  const folders = createVmFolders(vmFolder, (folder) => {
    addEntity(objects, folder.reference, folder.name, folder.parent?.reference ?? datacenter, () => ({
      childEntity: references([
        ...folder.folders.map(({ reference: child }) => child),
        ...[...folder.vmIds].map((id) => ({ type: "VirtualMachine", id })),
      ]),
      childType: array("String", [text("Folder"), text("VirtualMachine")]),
    }));
  });
  addHosts(options, datastoreReferences);
  addDatastores(options, datastoreReferences);
  return folders;
}

function addHosts(
  { objects, hosts, hostNames, enabledRuleSets, vmIds }: InfrastructureOptions,
  datastoreReferences: readonly Reference[],
): void {
  addEntity(objects, hostFolder, "host", datacenter, () => ({
    childEntity: references([cluster]),
    childType: childType("ComputeResource"),
  }));
  addEntity(objects, cluster, hostNames[0] ?? "", hostFolder, () => ({
    host: references(hosts),
    datastore: references(datastoreReferences),
  }));
  hosts.forEach((host, index) =>
    addEntity(objects, host, hostNames[index] ?? "", cluster, () => ({
      vm: vmReferences(vmIds(index)),
      datastore: references(datastoreReferences),
      config: structure("HostConfigInfo", {
        host: reference(host.type, host.id),
        firewall: firewallInfo(enabledRuleSets()),
      }),
      summary: structure("HostListSummary", { host: reference(host.type, host.id), hardware: hostHardware }),
      runtime: structure("HostRuntimeInfo", {
        connectionState: symbol("HostSystemConnectionState", "connected"),
        powerState: symbol("HostSystemPowerState", "poweredOn"),
        inMaintenanceMode: boolean(false),
      }),
    })),
  );
}

function addDatastores(
  { objects, hosts, datastores, vmIds }: InfrastructureOptions,
  datastoreReferences: readonly Reference[],
): void {
  addEntity(objects, datastoreFolder, "datastore", datacenter, () => ({
    childEntity: references(datastoreReferences),
    childType: childType("Datastore"),
  }));
  datastores.forEach((mounted, index) => {
    addEntity(objects, mounted.reference, mounted.datastore.name, datastoreFolder, () => ({
      ...datastoreFields(mounted, hosts),
      // All VMs are on the first one.
      vm: index === 0 ? vmReferences(vmIds()) : references([]),
    }));
    objects.add(browserObject(mounted));
  });
}

function addEntity(
  objects: ObjectTable,
  at: Reference,
  name: string,
  parent: Reference | undefined,
  fields: () => Record<string, Value>,
): void {
  objects.add({
    reference: at,
    properties: () => ({
      name: text(name),
      parent: parent && reference(parent.type, parent.id),
      overallStatus: symbol("ManagedEntityStatus", "green"),
      ...fields(),
    }),
  });
}

function vmReferences(ids: readonly string[]): Value {
  return references(ids.map((id) => ({ type: "VirtualMachine", id })));
}

function childType(type: string): Value {
  return array("String", [text(type)]);
}
