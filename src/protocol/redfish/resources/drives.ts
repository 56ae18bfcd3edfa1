/** DSP0268 "Drive 1.22.0": the VM's disks. */
import { link } from "../json.js";
import { chassisUri } from "./identity.js";
import { definePart, links, partStatus, withKey } from "./parts.js";
import { disksAt, findController, protocolOf, storageTemplate, storageUri } from "./storage.js";

const drive = definePart({
  uri: `${storageTemplate}/Drives/{driveId}`,
  type: "Drive.v1_22_0.Drive",
  entity: "SystemPart",
  find: (inventory, visit) => {
    const controller = findController(inventory, visit);
    const disk = controller && withKey(disksAt(inventory, controller), visit.params["driveId"]);
    return disk && { controller, disk };
  },
  read: ({ controller, disk: { key, label, capacityBytes, uuid } }) => ({
    Id: String(key),
    Name: label,
    Manufacturer: "VMware, Inc.",
    Model: "Virtual disk",
    SerialNumber: uuid,
    Identifiers: uuid === undefined ? [] : [{ DurableName: uuid, DurableNameFormat: "UUID" }],
    CapacityBytes: capacityBytes,
    BlockSizeBytes: 512,
    Protocol: protocolOf(controller) ?? null,
    // Unknown: it depends on the datastore.
    MediaType: null,
    Status: partStatus,
    Links: { Chassis: link(chassisUri), Storage: link(storageUri(controller.key)), ...links("Volumes", []) },
  }),
});

export const driveResources = [drive];
