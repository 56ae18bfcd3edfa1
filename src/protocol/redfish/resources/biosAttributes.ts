/** Firmware settings by vSphere's names: one row each, for the Bios resource and its attribute registry (DSP0268 "AttributeRegistry 1.4.0"). */
import type { MachineInventory } from "../../../model/machine/inventory.js";
import { type Check, integer } from "../checks.js";
import { type Json, type JsonObject, objectOf } from "../json.js";

/** vSphere's limit of VirtualMachineBootOptions.bootDelay, ms. */
const maxBootDelayMs = 10_000;

interface Attribute {
  readonly title: string;
  readonly help: string;
  readonly type: "Boolean" | "Enumeration" | "Integer";
  readonly values?: readonly string[];
  readonly read: (inventory: MachineInventory) => Json | undefined;
  /** Of a setting that can be changed: what is accepted, and what ResetBios sets. */
  readonly writable?: { readonly check: Check; readonly initial: number };
}

export const biosAttributes: Readonly<Record<string, Attribute>> = {
  firmware: {
    title: "Firmware",
    help: "Type of the firmware. BootSourceOverrideMode of the System changes it.",
    type: "Enumeration",
    values: ["bios", "efi"],
    read: ({ firmware }) => firmware,
  },
  bootDelay: {
    title: "Boot delay",
    help: "Time in ms before the firmware searches for a boot device.",
    type: "Integer",
    read: ({ bootDelayMs }) => bootDelayMs,
    writable: { check: integer(0, maxBootDelayMs), initial: 0 },
  },
  bootRetryEnabled: {
    title: "Boot retry",
    help: "Whether the VM restarts if it has found no boot device.",
    type: "Boolean",
    read: ({ bootRetryEnabled }) => bootRetryEnabled,
  },
  efiSecureBootEnabled: {
    title: "Secure boot",
    help: "Whether the EFI firmware starts signed software only. The SecureBoot resource changes it.",
    type: "Boolean",
    read: ({ secureBootEnabled }) => secureBootEnabled,
  },
  numCoresPerSocket: {
    title: "Cores per socket",
    help: "Number of virtual cores of each socket.",
    type: "Integer",
    read: ({ coresPerSocket }) => coresPerSocket,
  },
  cpuHotAddEnabled: {
    title: "CPU hot add",
    help: "Whether CPUs can be added while the VM is on.",
    type: "Boolean",
    read: ({ cpuHotAddEnabled }) => cpuHotAddEnabled,
  },
  memoryHotAddEnabled: {
    title: "Memory hot add",
    help: "Whether memory can be added while the VM is on.",
    type: "Boolean",
    read: ({ memoryHotAddEnabled }) => memoryHotAddEnabled,
  },
  nestedHVEnabled: {
    title: "Nested virtualization",
    help: "Whether the guest can use hardware virtualization.",
    type: "Boolean",
    read: ({ nestedVirtualizationEnabled }) => nestedVirtualizationEnabled,
  },
};

export function valuesOf(inventory: MachineInventory): JsonObject {
  return objectOf(Object.entries(biosAttributes).map(([name, { read }]) => [name, read(inventory)]));
}

export const biosRegistry = { id: "VsphereBiosAttributeRegistry.v1_0_0", version: "1.0.0" } as const;

export function biosRegistryFile(): string {
  return JSON.stringify({
    "@odata.type": "#AttributeRegistry.v1_4_0.AttributeRegistry",
    Id: biosRegistry.id,
    Name: "vSphere BIOS Attribute Registry",
    Language: "en",
    OwningEntity: "vbmc4vsphere",
    RegistryVersion: biosRegistry.version,
    RegistryEntries: { Attributes: Object.entries(biosAttributes).map(describe) },
  });
}

function describe([name, { title, help, type, values, writable }]: readonly [string, Attribute]): JsonObject {
  return objectOf([
    ["AttributeName", name],
    ["DisplayName", title],
    ["HelpText", help],
    ["Type", type],
    ["ReadOnly", writable === undefined],
    ["Value", values?.map((value) => ({ ValueName: value, ValueDisplayName: value }))],
    ["LowerBound", writable?.check.minimum],
    ["UpperBound", writable?.check.maximum],
    ["DefaultValue", writable?.initial],
  ]);
}
