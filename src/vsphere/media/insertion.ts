/** The way of one image into a drive: what is there, what may be done, the image in a datastore, then the drive. */
import { createHash } from "node:crypto";

import { MachineError } from "../../model/machine/errors.js";
import type { MediaInsertion, MediaSlotId } from "../../model/machine/media.js";
import type { MoRef } from "../moRef.js";
import { requirePrivileges, type Wish } from "../requiredPrivileges.js";
import type { VimSession } from "../session.js";
import { parseDatastorePath } from "./datastorePath.js";
import { chooseDatastore, datacenterOf, type DatastorePlace, datastoresOf, requireUsable } from "./datastores.js";
import type { DriveFacts } from "./driveFacts.js";
import { findDrive, insertChanges } from "./drives.js";
import { fileSize } from "./fileManager.js";
import { floppyBytes } from "./imageCheck.js";
import type { ImagePolicy } from "./imagePolicy.js";
import { type ImageReference, parseImage, shownImage } from "./imageReference.js";
import type { ImageStore } from "./imageStore.js";
import type { Library } from "./library.js";
import { browsePrivileges, drivePrivileges, storagePrivileges } from "./mediaPrivileges.js";
import { changeDrives } from "./reconfigure.js";
import type { Tell, Transfer } from "./transfers.js";

export interface MediaSettings {
  /** Where images are stored; undefined: on a datastore of the VM. */
  readonly datastore: string | undefined;
  readonly policy: ImagePolicy;
  /** Longest transfer of an image, ms. */
  readonly maxTransferMs: number;
}

export interface InsertionContext {
  readonly settings: MediaSettings;
  readonly library: Library;
  readonly store: ImageStore;
  readonly session: VimSession;
  readonly reference: MoRef;
  /** What identifies the VM, in the library too. */
  readonly key: string;
  /** Reads what is in the drives now. */
  readonly look: () => Promise<DriveFacts>;
}

/** What is asked for. */
export interface Errand {
  readonly slot: MediaSlotId;
  /** As it was given. */
  readonly image: string;
  readonly wanted: ImageReference;
  readonly source: string;
  readonly verifiesCertificate: boolean;
  readonly trustedCertificates: readonly string[];
  readonly isOperators: boolean;
}

/** `machine`: what identifies the VM. Throws MachineError for what is no image. */
export function toErrand(insertion: MediaInsertion, { policy }: MediaSettings, machine: string): Errand {
  const { slot, image, username, password, trustedCertificates = [], uploadSocket } = insertion;
  const credentials = username === null || username === "" ? undefined : { username, password: password ?? "" };
  const verifiesCertificate = insertion.verifyCertificate ?? policy.verifiesCertificates;
  const isOperators = insertion.isOperators === true;
  // A guest can write to its floppy: none shares it.
  const sharer = slot === "floppy" ? machine : null;
  const source = createHash("sha256")
    .update(
      JSON.stringify([
        image,
        credentials,
        verifiesCertificate,
        slot,
        sharer,
        trustedCertificates,
        isOperators,
        uploadSocket,
      ]),
    )
    .digest("hex");
  const wanted: ImageReference =
    uploadSocket === undefined ? parseImage(image, credentials) : { kind: "upload", socketPath: uploadSocket };
  return { slot, image, wanted, source, verifiesCertificate, trustedCertificates, isOperators };
}

/** Throws MachineError, VimFault or VimTransportError. */
export async function bringImage(
  errand: Errand,
  context: InsertionContext,
  transfer: Transfer,
  tell: Tell,
): Promise<void> {
  const { session, reference, settings } = context;
  const { slot, wanted } = errand;
  const facts = await context.look();
  if (isInAlready(errand, facts, context.library, context.key)) {
    return;
  }
  const changes = insertChanges(slot, "[] dry run", facts);
  const isAdded = changes.some((change) => change["operation"] === "add");
  const drive = {
    object: reference,
    name: "the VM",
    privileges: [...drivePrivileges[slot], ...(isAdded ? drivePrivileges.add : [])],
  };
  const places = await datastoresOf(session, { host: facts.host, own: facts.datastores });
  if (wanted.kind === "datastore") {
    const place = placeOf(wanted.datastorePath, places);
    await requirePrivileges(session, [drive, wishFor(place, browsePrivileges)]);
    await requireFile(wanted.datastorePath, slot, place, session);
    return attach(errand, wanted.datastorePath, context, transfer, tell);
  }
  const datastore = chooseDatastore(places, { configured: settings.datastore, own: facts.datastores });
  await requirePrivileges(session, [drive, wishFor(datastore, storagePrivileges)]);
  return bringToDatastore({ ...errand, wanted }, datastore, context, transfer, tell);
}

async function bringToDatastore(
  errand: Errand & { readonly wanted: Exclude<ImageReference, { kind: "datastore" }> },
  datastore: DatastorePlace,
  context: InsertionContext,
  transfer: Transfer,
  tell: Tell,
): Promise<void> {
  const { session, store, settings } = context;
  const { verifiesCertificate, trustedCertificates, isOperators } = errand;
  const share = store.fetch({
    reference: errand.wanted,
    image: errand.image,
    source: errand.source,
    slot: errand.slot,
    datastore,
    datacenter: await datacenterOf(session, datastore.reference),
    options: { policy: settings.policy, verifiesCertificate, trustedCertificates, isOperators },
    onProgress: tell,
  });
  const limit = setTimeout(() => transfer.abort.abort(tooSlow(settings.maxTransferMs)), settings.maxTransferMs);
  try {
    const path = await untilAborted(share.path, transfer.abort.signal);
    clearTimeout(limit);
    await attach(errand, path, context, transfer, tell);
  } catch (error) {
    await share.leave();
    void share.path.then(store.release, () => undefined);
    throw error;
  } finally {
    clearTimeout(limit);
  }
  await share.leave();
}

function tooSlow(timeoutMs: number): MachineError {
  return new MachineError(
    "badImage",
    `the image was not stored within ${Math.round(timeoutMs / 60_000)} minutes: see [media] max_transfer_time in virtualbmc.conf`,
  );
}

/** What is asked for is there; throws MachineError where something else is in the drive. */
function isInAlready({ slot, source, wanted }: Errand, facts: DriveFacts, library: Library, key: string): boolean {
  const drive = findDrive(facts.devices, slot);
  const insertion = library.insertion(key, slot);
  const isSame =
    (insertion?.source === source && insertion.path === drive?.image) ||
    (wanted.kind === "datastore" && drive?.image === wanted.datastorePath);
  if (drive?.image === undefined || (isSame && (drive.isConnected || !facts.isOn))) {
    return isSame;
  }
  if (!isSame) {
    throw new MachineError("invalidState", `${drive.image} is in the drive already: eject it first`);
  }
  return false;
}

async function attach(
  { slot, image, source, verifiesCertificate }: Errand,
  path: string,
  { session, reference, library, key, look }: InsertionContext,
  { abort }: Transfer,
  tell: Tell,
): Promise<void> {
  abort.signal.throwIfAborted();
  tell({ stage: "attaching" });
  const facts = await look();
  await requireMounted(path, facts, session);
  // Before the drive is changed: believed only while the drive says the same.
  await library.insert({ vm: key, slot, image: shownImage(image), source, path, verifiesCertificate });
  try {
    await changeDrives(session, reference, insertChanges(slot, path, facts));
    const { devices } = await look();
    if (findDrive(devices, slot)?.image !== path) {
      throw new MachineError("unavailable", "vSphere says that the image was inserted, and it is not in the drive");
    }
  } catch (error) {
    await library.remove(key, slot);
    throw error;
  }
}

/** The VM may have been moved to another host since. */
async function requireMounted(path: string, facts: DriveFacts, session: VimSession): Promise<void> {
  const { datastore } = parseDatastorePath(path);
  const places = await datastoresOf(session, { host: facts.host, own: facts.datastores });
  if (!places.some(({ name }) => name === datastore)) {
    throw new MachineError(
      "invalidState",
      `the VM was moved to a host without the datastore ${datastore}, where the image is: insert it again`,
    );
  }
}

async function requireFile(path: string, slot: MediaSlotId, place: DatastorePlace, session: VimSession): Promise<void> {
  const size = await fileSize(session, place.browser, parseDatastorePath(path));
  if (size === undefined) {
    throw new MachineError("badImage", `there is no file ${path}`);
  }
  if (slot === "floppy" && size !== floppyBytes) {
    throw new MachineError("badImage", `a floppy image has ${floppyBytes} bytes (1.44 MB), and ${path} has ${size}`);
  }
}

function placeOf(path: string, places: readonly DatastorePlace[]): DatastorePlace {
  const { datastore } = parseDatastorePath(path);
  const place = places.find(({ name }) => name === datastore);
  if (!place) {
    throw new MachineError("badImage", `the VM's host has no datastore ${datastore}`);
  }
  // Reading is enough.
  requireUsable({ ...place, isReadOnly: false });
  return place;
}

function wishFor({ reference, name }: DatastorePlace, privileges: readonly string[]): Wish {
  return { object: reference, name: `the datastore ${name}`, privileges };
}

/** Others may go on with the work. Throws the signal's reason. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return (await Promise.race([work, aborted.then(() => signal.throwIfAborted())])) as T;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
