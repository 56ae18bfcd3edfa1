/** DSP0268 "SimpleStorage 1.3.2": the controllers that have disks, and those disks. */
import type { MachineInventory, StorageController } from "../../../model/machine/inventory.js";
import { link } from "../json.js";
import { defineCollection } from "../resource.js";
import { chassisUri } from "./identity.js";
import { definePart, keysOf, partStatus } from "./parts.js";
import { disksAt, findController, storageUri } from "./storage.js";

const collection = "/redfish/v1/Systems/{systemId}/SimpleStorage";

function withDisks(inventory: MachineInventory): readonly StorageController[] {
  return inventory.storageControllers.filter((controller) => disksAt(inventory, controller).length > 0);
}

const simpleStorageCollection = defineCollection({
  uri: collection,
  of: "SimpleStorage",
  name: "Simple Storage",
  entity: "SystemPart",
  ids: async ({ machine }) => keysOf(withDisks(await machine.inventory())),
});

const simpleStorage = definePart({
  uri: `${collection}/{simpleStorageId}`,
  type: "SimpleStorage.v1_3_2.SimpleStorage",
  entity: "SystemPart",
  find: (inventory, visit) => {
    const controller = findController(inventory, visit);
    return controller && withDisks(inventory).includes(controller)
      ? { controller, disks: disksAt(inventory, controller) }
      : undefined;
  },
  read: ({ controller, disks }) => ({
    Id: String(controller.key),
    Name: controller.label,
    Status: partStatus,
    Devices: disks.map(({ label, capacityBytes }) => ({
      Name: label,
      Manufacturer: "VMware, Inc.",
      Model: "Virtual disk",
      CapacityBytes: capacityBytes,
      Status: partStatus,
    })),
    Links: { Chassis: link(chassisUri), Storage: link(storageUri(controller.key)) },
  }),
});

export const simpleStorageResources = [simpleStorageCollection, simpleStorage];
