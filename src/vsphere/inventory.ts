/** Finding VMs: by UUID where one is configured, else by name, all names in one sweep. */
import { MachineError } from "../machine/errors.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { allMachines } from "./properties.js";
import type { VimSession } from "./session.js";
import { textOf } from "./soapValue.js";

export interface WantedMachine {
  /** The key of the answer, and the VM's name where there is no other. */
  readonly vmName: string;
  readonly machineName?: string;
  readonly vmUuid?: string;
}

/** Names the account and host in texts that users read. */
export interface InventoryOwner {
  readonly username: string;
  readonly viserver: string;
}

/** The VM of each wanted name, or why there is not exactly one. */
export async function findMachines(
  session: VimSession,
  wanted: readonly WantedMachine[],
  owner: InventoryOwner,
): Promise<ReadonlyMap<string, MoRef | MachineError>> {
  const found = new Map<string, MoRef | MachineError>();
  for (const { vmName, vmUuid } of wanted) {
    if (vmUuid !== undefined) {
      found.set(vmName, (await findByUuid(session, vmUuid)) ?? none(`with the UUID ${vmUuid}`, owner));
    }
  }
  const byName = wanted.filter(({ vmUuid }) => vmUuid === undefined);
  if (byName.length > 0) {
    const candidates = await findByName(session, byName.map(nameOf));
    for (const machine of byName) {
      const name = nameOf(machine);
      found.set(machine.vmName, exactlyOne(name, candidates.get(name) ?? [], owner));
    }
  }
  return found;
}

function nameOf({ vmName, machineName }: WantedMachine): string {
  return machineName ?? vmName;
}

/** Instance UUIDs first: BIOS UUIDs can repeat in an inventory. */
async function findByUuid(session: VimSession, uuid: string): Promise<MoRef | undefined> {
  for (const instanceUuid of [true, false]) {
    const reference = fromSoap(
      await session.call("FindByUuid", session.content.searchIndex, { uuid, vmSearch: true, instanceUuid }),
    );
    if (reference) {
      return reference;
    }
  }
  return undefined;
}

interface Candidate {
  readonly object: MoRef;
  readonly instanceUuid: string | undefined;
}

async function findByName(session: VimSession, names: readonly string[]): Promise<Map<string, Candidate[]>> {
  const candidates = new Map<string, Candidate[]>(names.map((name) => [name, []]));
  for await (const page of allMachines(session, ["name", "config.instanceUuid"])) {
    for (const { object, properties } of page) {
      const stored = textOf(properties.get("name")) ?? "";
      const entry = candidates.get(stored) ?? candidates.get(decodeName(stored));
      entry?.push({ object, instanceUuid: textOf(properties.get("config.instanceUuid")) });
    }
  }
  return candidates;
}

/** vSphere stores `/`, `\` and `%` in names as `%2f`, `%5c` and `%25`. */
export function decodeName(stored: string): string {
  return stored.replace(/%(2f|5c|25)/gi, (escaped) => decodeURIComponent(escaped));
}

function exactlyOne(vmName: string, candidates: readonly Candidate[], owner: InventoryOwner): MoRef | MachineError {
  const [first, ...others] = candidates;
  if (!first) {
    return none(`named ${vmName}`, owner);
  }
  if (others.length === 0) {
    return first.object;
  }
  const list = candidates.map(
    ({ object, instanceUuid }) => `${object.value} (instance UUID ${instanceUuid ?? "unknown"})`,
  );
  return new MachineError(
    "notFound",
    `${candidates.length} VMs named ${vmName} are visible to ${owner.username} on ${owner.viserver}: ` +
      `${list.join(", ")}; add the BMC with --vm-uuid to choose one`,
  );
}

function none(what: string, { username, viserver }: InventoryOwner): MachineError {
  return new MachineError(
    "notFound",
    `no VM ${what} is visible to ${username} on ${viserver}: check the name, and the permissions of the account`,
  );
}
