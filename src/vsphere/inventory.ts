/** Finds VMs: by UUID if one is configured, else by name, all names in one sweep. */
import { MachineError } from "../model/machine/errors.js";
import { isRefusal, toMachineError } from "./faults.js";
import { type MachineRole, roleOf, rolePaths } from "./machineRole.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { allMachines, type Properties, readEach, readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { isSwapped, swapUuid } from "./smbiosUuid.js";
import { textOf } from "./soapValue.js";

export interface WantedMachine {
  /** The key of the result, and the default for the VM's name. */
  readonly vmName: string;
  readonly machineName?: string;
  readonly vmUuid?: string;
  /** Instance UUID of the VM that had the name until now: it still matches unless another VM has taken the name. */
  readonly previousInstanceUuid?: string;
}

/** The account and host, for messages. */
export interface InventoryOwner {
  readonly username: string;
  readonly viserver: string;
}

/** More UUIDs than this are also found by a sweep: otherwise each costs a call. */
const maxUuidCalls = 10;

/**
 * The VM of each wanted name, or why there is not exactly one usable VM: templates and the like are skipped. Takes one
 * sweep over the inventory at most.
 */
export async function findMachines(
  session: VimSession,
  wanted: readonly WantedMachine[],
  owner: InventoryOwner,
): Promise<ReadonlyMap<string, MoRef | MachineError>> {
  const found = new Map<string, MoRef | MachineError>(await findByInstanceUuids(session, wanted));
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

/** Rejects with errors that end the session; leaves the rest to the sweep. */
function unlessRefused(error: unknown): undefined {
  refusalOf(error);
}

/** Returns the server's refusal as a result; throws any other error. */
function refusalOf(error: unknown): MachineError {
  if (!isRefusal(error)) {
    throw error;
  }
  return toMachineError(error);
}

/** An account with a role on a single VM or folder cannot list the inventory, but can find VMs by UUID. */
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
    return reference ?? (await findByGuestUuid(session, vmUuid)) ?? none(`with the UUID ${vmUuid}`, owner);
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

/** Finds a VM whose guest sees this UUID. */
async function findByGuestUuid(session: VimSession, uuid: string): Promise<MoRef | undefined> {
  const reference = await findByUuid(session, swapUuid(uuid), false);
  const version = reference && (await readProperties(session, reference, ["config.version"])).get("config.version");
  return isSwapped(textOf(version) ?? "") ? reference : undefined;
}

/** Fast lookup of a few; anything not found, or not usable, is left to the sweep. */
async function findByInstanceUuids(
  session: VimSession,
  wanted: readonly WantedMachine[],
): Promise<ReadonlyMap<string, MoRef>> {
  const found = new Map<string, MoRef>();
  const byUuid = wanted.filter(({ vmUuid }) => vmUuid !== undefined);
  if (byUuid.length === 0 || byUuid.length > maxUuidCalls) {
    return found;
  }
  for (const { vmName, vmUuid = "" } of byUuid) {
    const reference = await findByUuid(session, vmUuid, true).catch(unlessRefused);
    if (reference) {
      found.set(vmName, reference);
    }
  }
  const properties = await readEach(session, [...found.values()], rolePaths);
  return new Map([...found].filter(([, { value }]) => isUsable(roleOf(properties.get(value) ?? new Map()))));
}

/** A vSphere agent VM can be used if its UUID is given explicitly. */
function isUsable(role: MachineRole): boolean {
  return role === "machine" || role === "system";
}

interface Candidate {
  readonly object: MoRef;
  readonly instanceUuid: string | undefined;
  readonly role: MachineRole;
  /** Whether vCenter lists the VM, but its host or its files no longer exist. */
  readonly isLeftover: boolean;
  /** Quality of the match, 0 is best. */
  readonly rank: number;
}

const leftoverStates: readonly string[] = ["orphaned", "invalid"];

/**
 * The candidates for each wanted machine. For UUIDs, instance UUIDs rank before BIOS UUIDs, which can repeat, and these
 * before the form that guests see; for names, the VM with the name ranks before the VM that had it.
 */
async function sweep(
  session: VimSession,
  wanted: readonly WantedMachine[],
): Promise<ReadonlyMap<string, readonly Candidate[]>> {
  const uuidOf = ({ vmUuid, previousInstanceUuid }: WantedMachine): string | undefined =>
    vmUuid ?? previousInstanceUuid;
  const byName = keyed(wanted, (machine) => (machine.vmUuid === undefined ? nameOf(machine) : undefined));
  const byAnyUuid = keyed(wanted, ({ vmUuid }) => vmUuid);
  const byInstanceUuid = keyed(wanted, uuidOf);
  const uuidPaths = byAnyUuid.size > 0 ? ["config.uuid", "config.version"] : [];
  const paths = ["name", "config.instanceUuid", "runtime.connectionState", ...rolePaths, ...uuidPaths];
  const candidates = new Map<string, Candidate[]>();
  for await (const page of allMachines(session, paths)) {
    for (const { object, properties } of page) {
      const text = (path: string): string => textOf(properties.get(path)) ?? "";
      const name = text("name");
      const biosUuid = text("config.uuid").toLowerCase();
      const guestUuid = isSwapped(text("config.version")) ? swapUuid(biosUuid) : "";
      const instanceUuid = textOf(properties.get("config.instanceUuid"))?.toLowerCase();
      const isLeftover = leftoverStates.includes(text("runtime.connectionState"));
      const add = (machines: readonly WantedMachine[] | undefined, rank: number): void =>
        machines?.forEach(({ vmName }) => {
          const candidate: Candidate = { object, instanceUuid, role: roleOf(properties), isLeftover, rank };
          candidates.set(vmName, [...(candidates.get(vmName) ?? []), candidate]);
        });
      add(byName.get(name) ?? byName.get(decodeName(name)), 0);
      add(byInstanceUuid.get(instanceUuid ?? ""), 1);
      add(byAnyUuid.get(biosUuid), 2);
      add(byAnyUuid.get(guestUuid), 3);
    }
  }
  return candidates;
}

/** Two BMCs may represent one VM. */
function keyed(
  machines: readonly WantedMachine[],
  keyOf: (machine: WantedMachine) => string | undefined,
): ReadonlyMap<string, readonly WantedMachine[]> {
  const groups = new Map<string, WantedMachine[]>();
  for (const machine of machines) {
    const key = keyOf(machine);
    if (key !== undefined) {
      groups.set(key, [...(groups.get(key) ?? []), machine]);
    }
  }
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
  const best = bestOf(candidates, machine.vmUuid === undefined);
  const [first, ...others] = best;
  if (!first) {
    return candidates.some(({ role }) => role === "template") ? templateOnly(what) : none(what, owner);
  }
  if (others.length === 0) {
    return first.object;
  }
  const shown = await Promise.all(best.slice(0, maxShown).map((candidate) => describe(session, candidate)));
  const more = best.length > maxShown ? ` and ${best.length - maxShown} more` : "";
  return new MachineError(
    "notFound",
    `${best.length} VMs ${what} are visible to ${owner.username} on ${owner.viserver}: ${shown.join(", ")}${more}; ` +
      `add the BMC with --vm-uuid and the instance UUID of one of them`,
  );
}

/** The best matches among the usable VMs; an intact VM ranks before an orphaned or invalid one. */
function bestOf(candidates: readonly Candidate[], isByName: boolean): readonly Candidate[] {
  const usable = candidates.filter(({ role }) => role === "machine" || (isUsable(role) && !isByName));
  const rank = Math.min(...usable.map((candidate) => candidate.rank));
  const best = usable.filter((candidate) => candidate.rank === rank);
  const present = best.filter(({ isLeftover }) => !isLeftover);
  return present.length > 0 ? present : best;
}

/** Most VMs of one name that a message lists. */
const maxShown = 10;

async function describe(session: VimSession, { object, instanceUuid }: Candidate): Promise<string> {
  const path = await inventoryPath(session, object).catch(() => "path unknown");
  return `${path} (${object.value}, instance UUID ${instanceUuid ?? "unknown"})`;
}

/** Deeper than any inventory: guards against a loop in the server's answers. */
const deepest = 50;

/** The path below the root folder, e.g. `DC0/vm/Lab/vm-01`. */
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

function templateOnly(what: string): MachineError {
  return new MachineError(
    "invalidState",
    `the VM ${what} is a template, which cannot be switched on: convert it to a virtual machine, or name another VM`,
  );
}

function none(what: string, { username, viserver }: InventoryOwner): MachineError {
  return new MachineError(
    "notFound",
    `no VM ${what} is visible to ${username} on ${viserver}: check the name, and the permissions of the account`,
  );
}
