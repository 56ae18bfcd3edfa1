/** DSP0268 "Processor 1.22.0": one for each socket of the VM. */
import type { MachineInventory } from "../../../model/machine/inventory.js";
import { defineCollection } from "../resource.js";
import { definePart, partStatus } from "./parts.js";

const collection = "/redfish/v1/Systems/{systemId}/Processors";

const processorCollection = defineCollection({
  uri: collection,
  of: "Processor",
  name: "Processors",
  entity: "SystemPart",
  ids: async ({ machine }) => socketIds(await machine.inventory()),
});

const processor = definePart({
  uri: `${collection}/{processorId}`,
  type: "Processor.v1_22_0.Processor",
  entity: "SystemPart",
  find: (inventory, { params }) => (socketIds(inventory).includes(params["processorId"] ?? "") ? inventory : undefined),
  read: ({ coresPerSocket = 1, cpuModel, cpuMhz }, { params }) => ({
    Id: params["processorId"],
    Name: `CPU ${params["processorId"]}`,
    Socket: params["processorId"],
    ProcessorType: "CPU",
    ProcessorArchitecture: "x86",
    InstructionSet: "x86-64",
    Manufacturer: manufacturerOf(cpuModel),
    Model: cpuModel,
    OperatingSpeedMHz: cpuMhz,
    TotalCores: coresPerSocket,
    TotalEnabledCores: coresPerSocket,
    TotalThreads: coresPerSocket,
    Status: partStatus,
  }),
});

/** `1`, `2` … */
function socketIds({ cpuCount = 0, coresPerSocket = 1 }: MachineInventory): readonly string[] {
  return Array.from({ length: Math.ceil(cpuCount / coresPerSocket) }, (_, index) => String(index + 1));
}

/** As in SMBIOS. */
function manufacturerOf(model = ""): string | undefined {
  return /intel/i.test(model) ? "GenuineIntel" : /\bamd\b/i.test(model) ? "AuthenticAMD" : undefined;
}

export const processorResources = [processorCollection, processor];
