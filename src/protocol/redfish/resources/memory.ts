/** DSP0268 "Memory 1.23.0": all of the VM's memory as one module. */
import { defineCollection } from "../resource.js";
import { definePart, partStatus } from "./parts.js";

const collection = "/redfish/v1/Systems/{systemId}/Memory";
const moduleId = "1";

const memoryCollection = defineCollection({
  uri: collection,
  of: "Memory",
  name: "Memory Modules",
  entity: "SystemPart",
  ids: async ({ machine }) => ((await machine.inventory()).memorySizeMb === undefined ? [] : [moduleId]),
});

const memory = definePart({
  uri: `${collection}/{memoryId}`,
  type: "Memory.v1_23_0.Memory",
  entity: "SystemPart",
  find: ({ memorySizeMb }, { params }) => (params["memoryId"] === moduleId ? memorySizeMb : undefined),
  read: (memorySizeMb) => ({
    Id: moduleId,
    Name: "Virtual Memory",
    MemoryType: "DRAM",
    DeviceLocator: "RAM slot #0",
    CapacityMiB: memorySizeMb,
    Status: partStatus,
  }),
});

export const memoryResources = [memoryCollection, memory];
