/** The way of an image into a drive: checks, the image itself, and the drive. */
import { MachineError } from "../../model/machine/errors.js";
import type { MediaProgress, MediaSlotId } from "../../model/machine/media.js";
import type { MoRef } from "../moRef.js";
import { requirePrivileges } from "../requiredPrivileges.js";
import type { VimSession } from "../session.js";
import { parseDatastorePath } from "./datastorePath.js";
import { chooseDatastore, datacenterOf, type DatastorePlace, datastoresOf, requireUsable } from "./datastores.js";
import { type DriveFacts, readDriveFacts } from "./driveFacts.js";
import { findDrive, insertChanges } from "./drives.js";
import { fileSize } from "./fileManager.js";
import type { ImagePolicy } from "./imagePolicy.js";
import { type ImageReference, shownImage } from "./imageReference.js";
import type { ImageStore } from "./imageStore.js";
import type { Library } from "./library.js";
import { browsePrivileges, drivePrivileges, storagePrivileges } from "./mediaPrivileges.js";
import { changeDrives } from "./reconfigure.js";
import type { Transfer } from "./transfers.js";

export interface MediaSettings {
  /** Where images are stored; undefined: on a datastore of the VM. */
  readonly datastore: string | undefined;
  readonly policy: ImagePolicy;
}

export interface ImageInsertionOptions {
  readonly settings: MediaSettings;
  readonly library: Library;
  readonly store: ImageStore;
  readonly session: VimSession;
  readonly reference: MoRef;
  /** What identifies the VM, in the library too. */
  readonly key: string;
}

/** An image that is to be inserted. */
export interface Errand {
  readonly slot: MediaSlotId;
  readonly image: string;
  readonly wanted: ImageReference;
  readonly source: string;
  readonly verifiesCertificate: boolean;
}

type Tell = (progress: MediaProgress) => void;

/** Resolves once the image is in the drive. Rejects with MachineError and others. */
export async function insertImage(
  options: ImageInsertionOptions,
  errand: Errand,
  transfer: Transfer,
  tell: Tell,
): Promise<void> {
  const { session, reference } = options;
  const facts = await readDriveFacts(session, reference);
  if (isInAlready(options, errand, facts)) {
    return;
  }
  const changes = insertChanges(errand.slot, "[] dry run", facts);
  const isAdded = changes.some((change) => change["operation"] === "add");
  const drive = {
    object: reference,
    name: "the VM",
    privileges: [...drivePrivileges[errand.slot], ...(isAdded ? drivePrivileges.add : [])],
  };
  const places = await datastoresOf(session, { host: facts.host, own: facts.datastores });
  const { wanted } = errand;
  if (wanted.kind === "datastore") {
    const place = placeOf(wanted.datastorePath, places);
    await requirePrivileges(session, [drive, wishFor(place, browsePrivileges)]);
    await requireFile(session, wanted.datastorePath, errand.slot, place);
    return attach(options, errand, wanted.datastorePath, transfer, tell);
  }
  const datastore = chooseDatastore(places, { configured: options.settings.datastore, own: facts.datastores });
  await requirePrivileges(session, [drive, wishFor(datastore, storagePrivileges)]);
  await storeAndAttach(options, { ...errand, wanted }, datastore, transfer, tell);
}

/** What is asked for is there; throws MachineError where something else is in the drive. */
function isInAlready(
  { library, key }: ImageInsertionOptions,
  { slot, source, wanted }: Errand,
  { devices, isOn }: DriveFacts,
): boolean {
  const drive = findDrive(devices, slot);
  const insertion = library.insertion(key, slot);
  const isSame =
    (insertion?.source === source && insertion.path === drive?.image) ||
    (wanted.kind === "datastore" && drive?.image === wanted.datastorePath);
  if (drive?.image === undefined || (isSame && (drive.isConnected || !isOn))) {
    return isSame;
  }
  if (!isSame) {
    throw new MachineError("invalidState", `${drive.image} is in the drive already: eject it first`);
  }
  return false;
}

/** Brings the image into the datastore first, or joins whoever does. */
async function storeAndAttach(
  options: ImageInsertionOptions,
  errand: Errand & { readonly wanted: Exclude<ImageReference, { kind: "datastore" }> },
  datastore: DatastorePlace,
  transfer: Transfer,
  tell: Tell,
): Promise<void> {
  const { session, settings, store } = options;
  const share = store.fetch({
    reference: errand.wanted,
    image: errand.image,
    source: errand.source,
    slot: errand.slot,
    datastore,
    datacenter: await datacenterOf(session, datastore.reference),
    options: { policy: settings.policy, verifiesCertificate: errand.verifiesCertificate },
    onProgress: tell,
  });
  try {
    await attach(options, errand, await untilAborted(share.path, transfer.abort.signal), transfer, tell);
  } catch (error) {
    await share.leave();
    void share.path.then(store.release, () => undefined);
    throw error;
  }
  await share.leave();
}

async function attach(
  { session, reference, library, key }: ImageInsertionOptions,
  { slot, image, source, verifiesCertificate }: Errand,
  path: string,
  { abort }: Transfer,
  tell: Tell,
): Promise<void> {
  requireWanted(abort.signal);
  tell({ stage: "attaching" });
  const facts = await readDriveFacts(session, reference);
  // Before the drive is changed: believed only while the drive says the same.
  await library.insert({ vm: key, slot, image: shownImage(image), source, path, verifiesCertificate });
  try {
    await changeDrives(session, reference, insertChanges(slot, path, facts));
    const { devices } = await readDriveFacts(session, reference);
    if (findDrive(devices, slot)?.image !== path) {
      throw new MachineError("unavailable", "vSphere says that the image was inserted, and it is not in the drive");
    }
  } catch (error) {
    await library.remove(key, slot);
    throw error;
  }
}

const floppyBytes = 1_474_560;

async function requireFile(session: VimSession, path: string, slot: MediaSlotId, place: DatastorePlace): Promise<void> {
  const size = await fileSize(session, place.browser, parseDatastorePath(path));
  if (size === undefined) {
    throw new MachineError("notFound", `there is no file ${path}`);
  }
  if (slot === "floppy" && size !== floppyBytes) {
    throw new MachineError("unsupported", `a floppy image has ${floppyBytes} bytes (1.44 MB), and ${path} has ${size}`);
  }
}

function requireWanted({ aborted }: AbortSignal): void {
  if (aborted) {
    throw new MachineError("busy", "the insertion was called off");
  }
}

/** Others may go on with the work. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  requireWanted(signal);
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return (await Promise.race([work, aborted.then(() => requireWanted(signal))])) as T;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function placeOf(path: string, places: readonly DatastorePlace[]): DatastorePlace {
  const { datastore } = parseDatastorePath(path);
  const place = places.find(({ name }) => name === datastore);
  if (!place) {
    throw new MachineError("notFound", `the VM's host has no datastore ${datastore}`);
  }
  // Reading is enough.
  requireUsable({ ...place, isReadOnly: false });
  return place;
}

function wishFor(
  { reference, name }: DatastorePlace,
  privileges: readonly string[],
): { readonly object: MoRef; readonly name: string; readonly privileges: readonly string[] } {
  return { object: reference, name: `the datastore ${name}`, privileges };
}
