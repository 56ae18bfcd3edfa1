/** The datastores that a VM's host can read and write, and which of them an image goes to. */
import { MachineError } from "../../model/machine/errors.js";
import { decodeName } from "../inventory.js";
import { fromSoap, isSame, type MoRef } from "../moRef.js";
import { type Properties, readEach, readProperties } from "../properties.js";
import type { VimSession } from "../session.js";
import { fieldOf, listOf, numberOf, textOf } from "../soapValue.js";
import { VimFault } from "../vimErrors.js";

/** A datastore with what it takes to reach its files. */
export interface DatastorePlace {
  readonly reference: MoRef;
  readonly name: string;
  readonly browser: MoRef;
  readonly freeBytes: number;
  readonly capacityBytes: number;
  readonly isAccessible: boolean;
  /** The VM's host may not write to it. */
  readonly isReadOnly: boolean;
}

export interface DatacenterPlace {
  readonly reference: MoRef;
  /** With the folders above it, such as `Europe/DC0`: the parameter dcPath of files. */
  readonly path: string;
}

const paths = ["name", "browser", "summary", "host"];

/** Those that the VM's host mounts, or where that may not be read, those that the VM uses. */
export async function datastoresOf(
  session: VimSession,
  { host, own }: { readonly host: MoRef | undefined; readonly own: readonly MoRef[] },
): Promise<readonly DatastorePlace[]> {
  const mounted = host === undefined ? [] : await mountedBy(session, host);
  const found = await readEach(session, mounted.length > 0 ? mounted : own, paths);
  return [...found].flatMap(([value, properties]) => decodePlace({ type: "Datastore", value }, properties, host) ?? []);
}

async function mountedBy(session: VimSession, host: MoRef): Promise<readonly MoRef[]> {
  try {
    const properties = await readProperties(session, host, ["datastore"]);
    return listOf(properties.get("datastore"), "ManagedObjectReference").flatMap((item) => fromSoap(item) ?? []);
  } catch (error) {
    if (error instanceof VimFault) {
      return [];
    }
    throw error;
  }
}

function decodePlace(reference: MoRef, properties: Properties, host: MoRef | undefined): DatastorePlace | undefined {
  const browser = fromSoap(properties.get("browser"));
  const name = textOf(properties.get("name"));
  const summary = properties.get("summary");
  if (!browser || name === undefined || summary instanceof VimFault) {
    return undefined;
  }
  const mounts = listOf(properties.get("host"), "DatastoreHostMount");
  const mount = mounts.find((each) => host && isSame(host, fromSoap(fieldOf(each, "key"))));
  return {
    reference,
    name: decodeName(name),
    browser,
    freeBytes: numberOf(fieldOf(summary, "freeSpace")) ?? 0,
    capacityBytes: numberOf(fieldOf(summary, "capacity")) ?? 0,
    isAccessible: textOf(fieldOf(summary, "accessible")) !== "false",
    isReadOnly: textOf(fieldOf(fieldOf(mount, "mountInfo"), "accessMode")) === "readOnly",
  };
}

/** The one that is configured, else of the VM's own the one with the most free space, else any. Throws MachineError. */
export function chooseDatastore(
  places: readonly DatastorePlace[],
  { configured, own }: { readonly configured: string | undefined; readonly own: readonly MoRef[] },
): DatastorePlace {
  if (configured !== undefined) {
    const chosen = places.find(({ name }) => name === configured);
    if (!chosen) {
      throw new MachineError(
        "notFound",
        `the VM's host has no datastore ${configured}: see [media] datastore in virtualbmc.conf`,
      );
    }
    requireUsable(chosen);
    return chosen;
  }
  const usable = places.filter(({ isAccessible, isReadOnly }) => isAccessible && !isReadOnly);
  const isOwn = (place: DatastorePlace): boolean => own.some((reference) => isSame(reference, place.reference));
  const [chosen] = [...usable].sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)) || b.freeBytes - a.freeBytes);
  if (!chosen) {
    const [first] = places;
    if (first) {
      requireUsable(first);
    }
    throw new MachineError("invalidState", "the VM's host has no datastore that images could be stored in");
  }
  return chosen;
}

export function requireUsable({ name, isAccessible, isReadOnly }: DatastorePlace): void {
  if (!isAccessible) {
    throw new MachineError("invalidState", `the datastore ${name} is inaccessible: see to it in vSphere`);
  }
  if (isReadOnly) {
    throw new MachineError(
      "invalidState",
      `the VM's host may only read the datastore ${name}: give another one as [media] datastore`,
    );
  }
}

const maxReserved = 1024 ** 3;
const reservedShare = 0.05;

/** What has to stay free, so that no VM stops for want of space: 5 %, but no more than 1 GiB. Throws MachineError. */
export function requireSpace({ name, freeBytes, capacityBytes }: DatastorePlace, neededBytes: number): void {
  const spare = freeBytes - Math.min(maxReserved, capacityBytes * reservedShare);
  if (neededBytes > spare) {
    const mebibytes = (bytes: number): number => Math.max(0, Math.floor(bytes / 1024 ** 2));
    throw new MachineError(
      "invalidState",
      `the datastore ${name} has ${mebibytes(spare)} MiB to spare and the image needs ${mebibytes(neededBytes)}: free some`,
    );
  }
}

/** The datacenter that a datastore, or anything else of it, is in. */
export async function datacenterOf(session: VimSession, object: MoRef): Promise<DatacenterPlace> {
  let datacenter: MoRef | undefined;
  const names: string[] = [];
  for (let at: MoRef | undefined = object; at !== undefined;) {
    const properties = await readProperties(session, at, ["name", "parent"]);
    const parent = fromSoap(properties.get("parent"));
    datacenter = at.type === "Datacenter" ? at : datacenter;
    // The root folder is in no path.
    if (datacenter && parent) {
      names.unshift(textOf(properties.get("name")) ?? "");
    }
    at = parent;
  }
  if (!datacenter) {
    throw new MachineError("denied", "the account does not see the datacenter of the datastore: give it a role there");
  }
  return { reference: datacenter, path: names.join("/") };
}
