/** Lists the VMs that the account can see. */
import { defined } from "../base/defined.js";
import type { DiscoveredMachine } from "../model/machine/discoveredMachine.js";
import { MachineError } from "../model/machine/errors.js";
import { decodeName } from "./inventory.js";
import { roleOf, rolePaths } from "./machineRole.js";
import { toSnapshot } from "./machineSnapshot.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { allObjects } from "./properties.js";
import type { VimSession } from "./session.js";
import { textOf } from "./soapValue.js";

export interface Selection {
  /** An inventory path such as `Datacenter/vm/Lab`, or the name of one VM folder. */
  readonly folder?: string;
  /** A name in which `*` matches any text and `?` any character. */
  readonly match?: string;
}

/** VMs that a BMC can represent, in no particular order. Throws MachineError if the folder does not exist. */
export async function discoverMachines(
  session: VimSession,
  { folder, match }: Selection,
): Promise<DiscoveredMachine[]> {
  const container = folder === undefined ? undefined : await findFolder(session, folder);
  const pattern = match === undefined ? undefined : toPattern(match);
  const found: DiscoveredMachine[] = [];
  const paths = ["name", "config.instanceUuid", "runtime.powerState", "guest.toolsRunningStatus", ...rolePaths];
  for await (const page of allObjects(session, "VirtualMachine", paths, container)) {
    for (const { properties } of page) {
      const name = decodeName(textOf(properties.get("name")) ?? "");
      if (roleOf(properties) === "machine" && (pattern?.test(name) ?? true)) {
        const { instanceUuid, powerState, toolsRunning } = toSnapshot(properties) ?? {};
        found.push(defined({ name, instanceUuid, powerState, toolsRunning }));
      }
    }
  }
  return found;
}

async function findFolder(session: VimSession, folder: string): Promise<MoRef> {
  const inventoryPath = folder.replace(/^\/+|\/+$/g, "");
  const byPath = fromSoap(await session.call("FindByInventoryPath", session.content.searchIndex, { inventoryPath }));
  if (byPath) {
    return byPath;
  }
  const [first, ...others] = await foldersNamed(session, inventoryPath);
  if (!first) {
    throw new MachineError(
      "notFound",
      `there is no folder ${folder}: give its name, or its path starting at the datacenter, such as Datacenter/vm/Lab`,
    );
  }
  if (others.length > 0) {
    throw new MachineError(
      "notFound",
      `there are ${others.length + 1} folders named ${folder}: give the path starting at the datacenter, such as Datacenter/vm/${folder}`,
    );
  }
  return first;
}

async function foldersNamed(session: VimSession, name: string): Promise<MoRef[]> {
  const found: MoRef[] = [];
  for await (const page of allObjects(session, "Folder", ["name"])) {
    const named = page.filter(({ properties }) => decodeName(textOf(properties.get("name")) ?? "") === name);
    found.push(...named.map(({ object }) => object));
  }
  return found;
}

function toPattern(match: string): RegExp {
  const source = match
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su");
}
