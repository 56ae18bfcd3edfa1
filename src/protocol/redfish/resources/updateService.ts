/** DSP0268 "UpdateService 1.17.0", "SoftwareInventory 1.13.0": what runs in BMC and VM. Nothing can be updated here. */
import { defined } from "../../../base/defined.js";
import { type JsonObject, link } from "../json.js";
import { rootUri } from "../representation.js";
import { defineCollection, defineResource, type Visit } from "../resource.js";
import { biosVersionOf, managerUri, systemUri } from "./identity.js";

const serviceUri = `${rootUri}/UpdateService`;
const firmwareUri = `${serviceUri}/FirmwareInventory`;
const softwareUri = `${serviceUri}/SoftwareInventory`;

const updateService = defineResource({
  uri: serviceUri,
  type: "UpdateService.v1_17_0.UpdateService",
  entity: "UpdateService",
  read: () => ({
    Id: "UpdateService",
    Name: "Update Service",
    // The BMC is updated with the package, the firmware with the ESXi host, Tools in the guest.
    ServiceEnabled: false,
    Status: { State: "Disabled", Health: "OK" },
    FirmwareInventory: link(firmwareUri),
    SoftwareInventory: link(softwareUri),
    // sushy requires it.
    Actions: {},
  }),
});

interface Component {
  readonly name: string;
  readonly manufacturer: string;
  readonly of: string;
  /** undefined: unknown or not there. */
  readonly version: (visit: Visit) => string | undefined | Promise<string | undefined>;
}

const firmware: Readonly<Record<string, Component>> = {
  BMC: {
    name: "BMC firmware",
    manufacturer: "vbmc4vsphere",
    of: managerUri,
    version: ({ bmc }) => bmc.firmwareVersion,
  },
  BIOS: {
    name: "System firmware",
    manufacturer: "VMware, Inc.",
    of: systemUri,
    version: ({ machine }) => biosVersionOf(machine.snapshot()),
  },
};

const software: Readonly<Record<string, Component>> = {
  VMwareTools: {
    name: "VMware Tools",
    manufacturer: "VMware, Inc.",
    of: systemUri,
    version: async ({ machine }) => (await machine.inventory()).toolsVersion,
  },
};

function inventoryOf(uri: string, name: string, components: Readonly<Record<string, Component>>) {
  return [
    defineCollection({
      uri,
      of: "SoftwareInventory",
      name,
      entity: "SoftwareInventory",
      ids: () => Object.keys(components),
    }),
    defineResource({
      uri: `${uri}/{componentId}`,
      type: "SoftwareInventory.v1_13_0.SoftwareInventory",
      entity: "SoftwareInventory",
      has: ({ params }) => Object.hasOwn(components, params["componentId"] ?? ""),
      read: async (visit): Promise<JsonObject> => {
        const { componentId = "" } = visit.params;
        const component = components[componentId];
        const version = await component?.version(visit);
        return defined({
          Id: componentId,
          Name: component?.name,
          Manufacturer: component?.manufacturer,
          Version: version ?? null,
          Updateable: false,
          Status: version === undefined ? { State: "Absent", Health: null } : { State: "Enabled", Health: "OK" },
          RelatedItem: component && [link(component.of)],
          "RelatedItem@odata.count": component && 1,
        });
      },
    }),
  ];
}

export const updateResources = [
  updateService,
  ...inventoryOf(firmwareUri, "Firmware Inventory", firmware),
  ...inventoryOf(softwareUri, "Software Inventory", software),
];
