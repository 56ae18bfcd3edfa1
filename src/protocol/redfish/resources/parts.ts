/** Parts of the System in the VM's inventory: what their resources have in common. */
import type { Device, MachineInventory } from "../../../model/machine/inventory.js";
import { type JsonObject, link } from "../json.js";
import { message } from "../messages.js";
import { RedfishError } from "../redfishError.js";
import { defineResource, type Resource, type Visit } from "../resource.js";

/** For parts that a VM has as long as it exists. */
export const partStatus: JsonObject = { State: "Enabled", Health: "OK" };

type PartDefinition<Part> = Omit<Resource, "entity" | "has" | "members" | "read"> & {
  readonly entity: "ChassisPart" | "SystemPart";
  /** The part that the URI's variables select. */
  readonly find: (inventory: MachineInventory, visit: Visit) => Part | undefined;
  readonly read: (part: Part, visit: Visit) => JsonObject;
};

/** A resource that exists while the inventory has its part. Reading it rejects with RedfishError or MachineError. */
export function definePart<Part>({ find, read, ...resource }: PartDefinition<Part>): Resource {
  return defineResource({ ...resource, read: async (visit) => read(await required(find, visit), visit) });
}

/** The part; throws 404 if it is not in the inventory. */
export async function required<Part>(
  find: (inventory: MachineInventory, visit: Visit) => Part | undefined,
  visit: Visit,
): Promise<Part> {
  const part = find(await visit.machine.inventory(), visit);
  if (part === undefined) {
    throw new RedfishError(404, [message("ResourceMissingAtURI", [visit.uri])]);
  }
  return part;
}

/** The device with this key; vSphere's keys are the IDs of resources. */
export function withKey<Part extends Device>(devices: readonly Part[], id: string | undefined): Part | undefined {
  return devices.find(({ key }) => String(key) === id);
}

export function keysOf(devices: readonly Device[]): readonly string[] {
  return devices.map(({ key }) => String(key));
}

/** Such as `{"Drives": […], "Drives@odata.count": 2}`. */
export function links(name: string, uris: readonly string[]): JsonObject {
  return { [name]: uris.map(link), [`${name}@odata.count`]: uris.length };
}
