/** DSP0268 "Storage 1.21.0", "StorageController 1.11.0": one for each controller of the VM. */
import type {
  Disk,
  MachineInventory,
  StorageController,
  StorageControllerModel,
} from "../../../model/machine/inventory.js";
import { type JsonObject, link } from "../json.js";
import { defineCollection, defineResource, type Visit } from "../resource.js";
import { chassisUri, systemUri } from "./identity.js";
import { definePart, keysOf, links, partStatus, required, withKey } from "./parts.js";

const collection = "/redfish/v1/Systems/{systemId}/Storage";
export const storageTemplate = `${collection}/{storageId}`;
const onlyController = "1";

/** vSphere's name, and the protocol of its disks, if Redfish has a word for it. */
const kinds: Readonly<Record<StorageControllerModel, readonly [model: string | undefined, protocol?: string]>> = {
  pvscsi: ["VMware Paravirtual SCSI"],
  lsiLogicSas: ["LSI Logic SAS", "SAS"],
  lsiLogic: ["LSI Logic Parallel SCSI"],
  busLogic: ["BusLogic Parallel SCSI"],
  ahci: ["AHCI SATA", "SATA"],
  nvme: ["NVMe", "NVMe"],
  ide: ["IDE"],
  other: [undefined],
};

export function storageUri(key: number): string {
  return `${systemUri}/Storage/${key}`;
}

export function findController(
  { storageControllers }: MachineInventory,
  { params }: Visit,
): StorageController | undefined {
  return withKey(storageControllers, params["storageId"] ?? params["simpleStorageId"]);
}

export function protocolOf({ model }: StorageController): string | undefined {
  return kinds[model][1];
}

export function disksAt({ disks }: MachineInventory, { key }: StorageController): readonly Disk[] {
  return disks.filter(({ controllerKey }) => controllerKey === key);
}

const storageCollection = defineCollection({
  uri: collection,
  of: "Storage",
  name: "Storage",
  entity: "SystemPart",
  ids: async ({ machine }) => keysOf((await machine.inventory()).storageControllers),
});

const storage = definePart({
  uri: storageTemplate,
  type: "Storage.v1_21_0.Storage",
  entity: "SystemPart",
  find: (inventory, visit) => {
    const controller = findController(inventory, visit);
    return controller && { controller, disks: disksAt(inventory, controller) };
  },
  read: ({ controller, disks }, { uri }) => ({
    Id: String(controller.key),
    Name: controller.label,
    Status: partStatus,
    Controllers: link(`${uri}/Controllers`),
    // check_redfish and older clients look here.
    StorageControllers: [
      { "@odata.id": `${uri}#/StorageControllers/0`, MemberId: "0", ...controllerProperties(controller) },
    ],
    "StorageControllers@odata.count": 1,
    ...links(
      "Drives",
      disks.map(({ key }) => `${uri}/Drives/${key}`),
    ),
    Volumes: link(`${uri}/Volumes`),
    Links: links("Enclosures", [chassisUri]),
  }),
});

function controllerProperties(controller: StorageController): JsonObject {
  const protocol = protocolOf(controller);
  return {
    Name: controller.label,
    Model: kinds[controller.model][0],
    SupportedDeviceProtocols: protocol === undefined ? undefined : [protocol],
    Status: partStatus,
  };
}

const controllerCollection = defineCollection({
  uri: `${storageTemplate}/Controllers`,
  of: "StorageController",
  name: "Storage Controllers",
  entity: "SystemPart",
  ids: async (visit) => {
    await required(findController, visit);
    return [onlyController];
  },
});

const controller = definePart({
  uri: `${storageTemplate}/Controllers/{controllerId}`,
  type: "StorageController.v1_11_0.StorageController",
  entity: "SystemPart",
  find: (inventory, visit) =>
    visit.params["controllerId"] === onlyController ? findController(inventory, visit) : undefined,
  read: (found) => ({ Id: onlyController, ...controllerProperties(found) }),
});

/** A VM's disks are drives; there are no volumes, and none can be created. */
const volumeCollection = defineResource({
  uri: `${storageTemplate}/Volumes`,
  type: "VolumeCollection.VolumeCollection",
  entity: "SystemPart",
  read: async (visit) => {
    await required(findController, visit);
    return {
      Name: "Volumes",
      // Required of services with Volumes (OpenStackIronicProfile 1.2).
      "@Redfish.OperationApplyTimeSupport": {
        "@odata.type": "#Settings.v1_4_0.OperationApplyTimeSupport",
        SupportedValues: [],
      },
    };
  },
  members: { ids: () => [] },
});

export const storageResources = [storageCollection, storage, controllerCollection, controller, volumeCollection];
