/** The users of a file on a datastore, according to the devices of VMs, which others may change. */
import { decodeName } from "../inventory.js";
import { fromSoap, type MoRef } from "../moRef.js";
import { readEach, readProperties } from "../properties.js";
import type { VimSession } from "../session.js";
import { fieldOf, listOf, textOf } from "../soapValue.js";
import { VimFault } from "../vimErrors.js";
import type { DatastorePath } from "./datastorePath.js";

/** All devices of so many VMs are read at a time: parsing blocks the process. */
const pageSize = 20;

/** The datacenter at an inventory path; undefined if it no longer exists. */
export async function findDatacenter(session: VimSession, dcPath: string): Promise<MoRef | undefined> {
  const found = fromSoap(
    await session.call("FindByInventoryPath", session.content.searchIndex, { inventoryPath: dcPath }),
  );
  return found?.type === "Datacenter" ? found : undefined;
}

/** Whether a VM has the file in a device, or may have it in one that the account does not see. */
export async function isFileUsed(session: VimSession, datacenter: MoRef, file: DatastorePath): Promise<boolean> {
  const datastore = await findDatastore(session, datacenter, file.datastore);
  if (!datastore) {
    return true;
  }
  const vms = referencesOf((await readProperties(session, datastore, ["vm"])).get("vm"));
  for (let at = 0; at < vms.length; at += pageSize) {
    const page = await readEach(session, vms.slice(at, at + pageSize), ["config.hardware.device"]);
    if ([...page.values()].some((properties) => mayUse(properties.get("config.hardware.device"), file))) {
      return true;
    }
  }
  return false;
}

async function findDatastore(session: VimSession, datacenter: MoRef, name: string): Promise<MoRef | undefined> {
  const all = referencesOf((await readProperties(session, datacenter, ["datastore"])).get("datastore"));
  const named = await readEach(session, all, ["name"]);
  const found = all.find(({ value }) => decodeName(textOf(named.get(value)?.get("name")) ?? "") === name);
  return found;
}

function referencesOf(value: unknown): readonly MoRef[] {
  return listOf(value, "ManagedObjectReference").flatMap((item) => fromSoap(item) ?? []);
}

function mayUse(devices: unknown, { datastore, file }: DatastorePath): boolean {
  return (
    devices instanceof VimFault ||
    listOf(devices, "VirtualDevice").some((device) => {
      const name = textOf(fieldOf(fieldOf(device, "backing"), "fileName")) ?? "";
      return name.replace(/^\[([^\]]+)\] ?\/*/, "[$1] ") === `[${datastore}] ${file}`;
    })
  );
}
