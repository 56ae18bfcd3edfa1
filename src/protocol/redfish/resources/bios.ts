/** DSP0268 "Bios 1.2.3": firmware settings by vSphere's names, and those that can be changed while the VM is off. */
import type { MachineInventory } from "../../../model/machine/inventory.js";
import { integer } from "../checks.js";
import { isJsonObject, type JsonObject, link } from "../json.js";
import { defineResource } from "../resource.js";

const biosUri = "/redfish/v1/Systems/{systemId}/Bios";
/** vSphere's own limit of VirtualMachineBootOptions.bootDelay, ms. */
const longestBootDelayMs = 10_000;

const bios = defineResource({
  uri: biosUri,
  type: "Bios.v1_2_3.Bios",
  entity: "SystemPart",
  read: async ({ machine, uri }) => ({
    Id: "Bios",
    Name: "Firmware Settings",
    Attributes: attributesOf(await machine.inventory()),
    "@Redfish.Settings": {
      "@odata.type": "#Settings.v1_4_0.Settings",
      SettingsObject: link(`${uri}/Settings`),
      SupportedApplyTimes: ["Immediate"],
    },
  }),
});

/** Changes are never pending: they take effect immediately, or are refused while the VM is on. */
const settings = defineResource({
  uri: `${biosUri}/Settings`,
  type: "Bios.v1_2_3.Bios",
  entity: "SystemPart",
  read: async ({ machine }) => ({
    Id: "Settings",
    Name: "Firmware Settings to be Changed",
    Attributes: attributesOf(await machine.inventory()),
  }),
  writable: { Attributes: { bootDelay: integer(0, longestBootDelayMs) } },
  write: async ({ Attributes }, { machine }) => {
    const bootDelay = isJsonObject(Attributes) ? Attributes["bootDelay"] : undefined;
    if (typeof bootDelay === "number") {
      await machine.configure({ bootDelayMs: bootDelay });
    }
  },
});

function attributesOf(inventory: MachineInventory): JsonObject {
  return {
    firmware: inventory.firmware,
    bootDelay: inventory.bootDelayMs,
    bootRetryEnabled: inventory.bootRetryEnabled,
    efiSecureBootEnabled: inventory.secureBootEnabled,
    numCoresPerSocket: inventory.coresPerSocket,
    cpuHotAddEnabled: inventory.cpuHotAddEnabled,
    memoryHotAddEnabled: inventory.memoryHotAddEnabled,
    nestedHVEnabled: inventory.nestedVirtualizationEnabled,
  };
}

export const biosResources = [bios, settings];
