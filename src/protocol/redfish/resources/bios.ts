/** DSP0268 "Bios 1.2.3": firmware settings; some can be changed while the VM is off. */
import { isJsonObject, link } from "../json.js";
import { type Action, defineResource } from "../resource.js";
import { biosAttributes, biosRegistry, valuesOf } from "./biosAttributes.js";

const biosUri = "/redfish/v1/Systems/{systemId}/Bios";

/** Sets everything that can be changed here to what a new VM has. Rejects with MachineError while the VM is on. */
const resetBios: Action = {
  parameters: {},
  run: async (_parameters, { machine }) => {
    await machine.configure({ bootDelayMs: biosAttributes["bootDelay"]?.writable?.initial ?? 0 });
    return undefined;
  },
};

const bios = defineResource({
  uri: biosUri,
  type: "Bios.v1_2_3.Bios",
  entity: "SystemPart",
  read: async ({ machine, uri }) => ({
    Id: "Bios",
    Name: "Firmware Settings",
    AttributeRegistry: biosRegistry.id,
    Attributes: valuesOf(await machine.inventory()),
    "@Redfish.Settings": {
      "@odata.type": "#Settings.v1_4_0.Settings",
      SettingsObject: link(`${uri}/Settings`),
      SupportedApplyTimes: ["Immediate"],
    },
  }),
  actions: { "Bios.ResetBios": resetBios },
});

/** Changes are never pending: they take effect immediately, or are refused while the VM is on. */
const settings = defineResource({
  uri: `${biosUri}/Settings`,
  type: "Bios.v1_2_3.Bios",
  entity: "SystemPart",
  read: async ({ machine }) => ({
    Id: "Settings",
    Name: "Firmware Settings to be Changed",
    AttributeRegistry: biosRegistry.id,
    Attributes: valuesOf(await machine.inventory()),
  }),
  writable: {
    Attributes: Object.fromEntries(
      Object.entries(biosAttributes).flatMap(([name, { writable }]) => (writable ? [[name, writable.check]] : [])),
    ),
  },
  write: async ({ Attributes }, { machine }) => {
    const bootDelay = isJsonObject(Attributes) ? Attributes["bootDelay"] : undefined;
    if (typeof bootDelay === "number") {
      await machine.configure({ bootDelayMs: bootDelay });
    }
  },
});

export const biosResources = [bios, settings];
