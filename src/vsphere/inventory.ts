/** Finding VMs: by UUID where one is configured, else by name, all names in one sweep. */
import { MachineError } from "../machine/errors.js";
import { isRefusal, toMachineError } from "./faults.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { allMachines, readProperties, type Properties } from "./properties.js";
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

/** More UUIDs than this are looked for in a sweep too: each costs a call otherwise. */
const mostUuidCalls = 10;

/** The VM of each wanted name, or why there is not exactly one. One sweep over the inventory at the most. */
export async function findMachines(
  session: VimSession,
  wanted: readonly WantedMachine[],
  owner: InventoryOwner,
): Promise<ReadonlyMap<string, MoRef | MachineError>> {
  const found = new Map<string, MoRef | MachineError>();
  const byUuid = wanted.filter(({ vmUuid }) => vmUuid !== undefined);
  if (byUuid.length <= mostUuidCalls) {
    for (const { vmName, vmUuid = "" } of byUuid) {
      const reference = await findByUuid(session, vmUuid, true).catch(unlessRefused);
      if (reference) {
        found.set(vmName, reference);
      }
    }
  }
  const others = wanted.filter(({ vmName }) => !found.has(vmName));
  if (others.length > 0) {
    const candidates = await sweep(session, others).catch(refusalOf);
    for (const machine of others) {
      found.set(
        machine.vmName,
        candidates instanceof MachineError
          ? await findWithoutSweep(session, machine, candidates, owner)
          : await exactlyOne(session, machine, candidates.get(machine.vmName) ?? [], owner),
      );
    }
  }
  return found;
}

/** Rejects with what ends the session, and leaves the rest to the sweep. */
function unlessRefused(error: unknown): undefined {
  refusalOf(error);
}

/** The server's refusal as an answer; throws what is none. */
function refusalOf(error: unknown): MachineError {
  if (!isRefusal(error)) {
    throw error;
  }
  return toMachineError(error);
}

/** An account with a role on some VM or folder may not list the inventory, but UUIDs lead to what it may see. */
async function findWithoutSweep(
  session: VimSession,
  machine: WantedMachine,
  { kind, message }: MachineError,
  owner: InventoryOwner,
): Promise<MoRef | MachineError> {
  const { vmUuid } = machine;
  if (vmUuid === undefined) {
    const { username, viserver } = owner;
    const what = `${viserver} does not let ${username} look for the VM ${nameOf(machine)} by name: ${message}`;
    const remedy =
      "or give the account a read-only role, not propagated, on the root folder and each level down to its VMs, " +
      "or name the VM by its UUID (vbmc set --vm-uuid)";
    return new MachineError(kind, `${what}; ${remedy}`);
  }
  try {
    const reference = (await findByUuid(session, vmUuid, true)) ?? (await findByUuid(session, vmUuid, false));
    return reference ?? none(`with the UUID ${vmUuid}`, owner);
  } catch (error) {
    return refusalOf(error);
  }
}

function nameOf({ vmName, machineName }: WantedMachine): string {
  return machineName ?? vmName;
}

async function findByUuid(session: VimSession, uuid: string, instanceUuid: boolean): Promise<MoRef | undefined> {
  const args = { uuid, vmSearch: true, instanceUuid };
  return fromSoap(await session.call("FindByUuid", session.content.searchIndex, args));
}

interface Candidate {
  readonly object: MoRef;
  readonly instanceUuid: string | undefined;
}

/** What each wanted machine may be; by UUID an instance UUID counts before BIOS UUIDs, which can repeat. */
async function sweep(session: VimSession, wanted: readonly WantedMachine[]): Promise<Map<string, Candidate[]>> {
  const byName = keyed(
    wanted.filter(({ vmUuid }) => vmUuid === undefined).map((machine) => [nameOf(machine), machine]),
  );
  const byUuid = keyed(wanted.flatMap((machine) => (machine.vmUuid === undefined ? [] : [[machine.vmUuid, machine]])));
  const paths = ["name", "config.instanceUuid", ...(byUuid.size > 0 ? ["config.uuid"] : [])];
  const byInstance = new Map<string, Candidate[]>();
  const byOther = new Map<string, Candidate[]>();
  for await (const page of allMachines(session, paths)) {
    for (const { object, properties } of page) {
      const text = (path: string): string => textOf(properties.get(path)) ?? "";
      const candidate = { object, instanceUuid: textOf(properties.get("config.instanceUuid")) };
      const named = byName.get(text("name")) ?? byName.get(decodeName(text("name"))) ?? [];
      const add = (to: Map<string, Candidate[]>, machines: readonly WantedMachine[] = []): void =>
        machines.forEach(({ vmName }) => to.set(vmName, [...(to.get(vmName) ?? []), candidate]));
      add(byInstance, byUuid.get(text("config.instanceUuid").toLowerCase()));
      add(byOther, byUuid.get(text("config.uuid").toLowerCase()));
      add(byOther, named);
    }
  }
  return new Map([...byOther, ...byInstance]);
}

/** Two BMCs may stand for one VM. */
function keyed(pairs: readonly (readonly [string, WantedMachine])[]): ReadonlyMap<string, readonly WantedMachine[]> {
  const groups = new Map<string, WantedMachine[]>();
  pairs.forEach(([key, machine]) => groups.set(key, [...(groups.get(key) ?? []), machine]));
  return groups;
}

/** vSphere stores `/`, `\` and `%` in names as `%2f`, `%5c` and `%25`. */
export function decodeName(stored: string): string {
  return stored.replace(/%(2f|5c|25)/gi, (escaped) => decodeURIComponent(escaped));
}

async function exactlyOne(
  session: VimSession,
  machine: WantedMachine,
  candidates: readonly Candidate[],
  owner: InventoryOwner,
): Promise<MoRef | MachineError> {
  const what = machine.vmUuid === undefined ? `named ${nameOf(machine)}` : `with the UUID ${machine.vmUuid}`;
  const [first, ...others] = candidates;
  if (!first) {
    return none(what, owner);
  }
  if (others.length === 0) {
    return first.object;
  }
  const shown = await Promise.all(candidates.slice(0, mostShown).map((candidate) => describe(session, candidate)));
  const more = candidates.length > mostShown ? ` and ${candidates.length - mostShown} more` : "";
  return new MachineError(
    "notFound",
    `${candidates.length} VMs ${what} are visible to ${owner.username} on ${owner.viserver}: ${shown.join(", ")}${more}; ` +
      `add the BMC with --vm-uuid and the instance UUID of one of them`,
  );
}

/** VMs of one name that a message lists. */
const mostShown = 10;

async function describe(session: VimSession, { object, instanceUuid }: Candidate): Promise<string> {
  const path = await inventoryPath(session, object).catch(() => "path unknown");
  return `${path} (${object.value}, instance UUID ${instanceUuid ?? "unknown"})`;
}

/** Deeper than any inventory; it ends a loop that a server might answer. */
const deepest = 50;

/** e.g. `DC0/vm/Lab/vm-01`: the names from below the root folder on. */
async function inventoryPath(session: VimSession, object: MoRef): Promise<string> {
  const names: string[] = [];
  let at: MoRef | undefined = object;
  while (at && names.length < deepest) {
    const properties: Properties = await readProperties(session, at, ["name", "parent"]);
    const parent = fromSoap(properties.get("parent"));
    if (parent) {
      names.unshift(decodeName(textOf(properties.get("name")) ?? at.value));
    }
    at = parent;
  }
  return names.join("/");
}

function none(what: string, { username, viserver }: InventoryOwner): MachineError {
  return new MachineError(
    "notFound",
    `no VM ${what} is visible to ${username} on ${viserver}: check the name, and the permissions of the account`,
  );
}
