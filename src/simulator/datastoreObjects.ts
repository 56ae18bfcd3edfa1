/** Datastores and their browsers as managed objects. */
import type { Datastore } from "./datastore.js";
import type { ManagedObject } from "./managedObject.js";
import { array, boolean, long, type Reference, reference, structure, symbol, text, type Value } from "./value.js";

/** A datastore in the inventory. */
export interface MountedDatastore {
  readonly reference: Reference;
  readonly browser: Reference;
  readonly datastore: Datastore;
  readonly url: string;
}

export function datastoreFields(
  { reference: own, browser, datastore, url }: MountedDatastore,
  hosts: readonly Reference[],
): Readonly<Record<string, Value>> {
  const { name, type, capacityBytes, isAccessible, isReadOnly, freeBytes } = datastore;
  const mountInfo = structure("HostMountInfo", {
    path: text(url.replace(/^ds:\/\//, "")),
    accessMode: text(isReadOnly ? "readOnly" : "readWrite"),
    mounted: boolean(true),
    accessible: boolean(isAccessible),
  });
  return {
    browser: reference(browser.type, browser.id),
    host: array(
      "DatastoreHostMount",
      hosts.map((host) => structure("DatastoreHostMount", { key: reference(host.type, host.id), mountInfo })),
    ),
    info: structure("DatastoreInfo", {
      name: text(name),
      url: text(url),
      freeSpace: long(freeBytes()),
      maxFileSize: long(62 * 1024 ** 4),
    }),
    summary: structure("DatastoreSummary", {
      datastore: reference(own.type, own.id),
      name: text(name),
      url: text(url),
      capacity: long(capacityBytes),
      freeSpace: long(isAccessible ? freeBytes() : 0),
      accessible: boolean(isAccessible),
      multipleHostAccess: boolean(hosts.length > 1),
      type: text(type),
      maintenanceMode: symbol("DatastoreSummaryMaintenanceModeState", "normal"),
    }),
  };
}

export function browserObject({ reference: own, browser }: MountedDatastore): ManagedObject {
  return {
    reference: browser,
    properties: () => ({
      datastore: {
        kind: "array",
        type: "ArrayOfManagedObjectReference",
        element: "ManagedObjectReference",
        items: [reference(own.type, own.id)],
      },
    }),
  };
}
