/** The drives of one VM: what is in them, and the way of an image into one and out again. */
import { createHash } from "node:crypto";

import { MachineError } from "../../model/machine/errors.js";
import type { MediaInsertion, MediaProgress, MediaSlot, MediaSlotId } from "../../model/machine/media.js";
import { toMachineError } from "../faults.js";
import { fromSoap, type MoRef } from "../moRef.js";
import { readProperties, told } from "../properties.js";
import { requirePrivileges } from "../requiredPrivileges.js";
import type { VimSession } from "../session.js";
import { listOf, textOf } from "../soapValue.js";
import type { Progress } from "../task.js";
import { parseDatastorePath } from "./datastorePath.js";
import { chooseDatastore, datacenterOf, type DatastorePlace, datastoresOf, requireUsable } from "./datastores.js";
import { type DriveHost, ejectChanges, findDrive, hasFloppyController, insertChanges } from "./drives.js";
import { fileSize } from "./fileManager.js";
import type { ImagePolicy } from "./imagePolicy.js";
import { imageName, type ImageReference, parseImage, shownImage } from "./imageReference.js";
import type { ImageStore } from "./imageStore.js";
import type { Library } from "./library.js";
import { browsePrivileges, drivePrivileges, storagePrivileges } from "./mediaPrivileges.js";
import { changeDrives } from "./reconfigure.js";

export interface MediaSettings {
  /** Where images are stored; undefined: on a datastore of the VM. */
  readonly datastore: string | undefined;
  readonly policy: ImagePolicy;
}

export interface MachineMediaOptions {
  readonly settings: MediaSettings;
  readonly library: Library;
  readonly store: ImageStore;
  readonly session: VimSession;
  readonly reference: MoRef;
  /** What identifies the VM, in the library too. */
  readonly key: string;
  readonly transfers: Transfers;
  readonly onProgress: (slot: MediaSlotId, progress: MediaProgress) => void;
}

/** What is under way, or was last, for the slots of all VMs. */
export type Transfers = Map<string, Transfer>;

export interface Transfer {
  readonly kind: "insert" | "eject";
  /** Hash of what is asked for. */
  readonly source: string;
  /** As it is shown. */
  readonly image: string | undefined;
  readonly abort: AbortController;
  /** Resolves with why it failed; undefined: it has not. */
  done: Promise<MachineError | undefined>;
  isDone: boolean;
  progress: MediaProgress;
}

export interface MachineMedia {
  readonly read: () => Promise<readonly MediaSlot[]>;
  /** Resolves once the image is in the drive; the same image that is under way is joined. Throws MachineError and others. */
  readonly insert: (insertion: MediaInsertion, progress: Progress) => Promise<void>;
  /** Calls an insertion off that is under way. A drive that is empty is left as it is. */
  readonly eject: (slot: MediaSlotId, progress: Progress) => Promise<void>;
  /** Resolves when nothing is under way any more, with why it failed; undefined: nothing is under way. */
  readonly settled: () => Promise<MachineError | undefined> | undefined;
}

const factPaths = ["config.hardware.device", "config.version", "runtime.powerState", "runtime.host", "datastore"];

interface Facts extends DriveHost {
  readonly host: MoRef | undefined;
  readonly datastores: readonly MoRef[];
}

export function createMachineMedia(options: MachineMediaOptions): MachineMedia {
  const { settings, library, store, session, reference, key, transfers } = options;
  const slotKey = (slot: MediaSlotId): string => `${key} ${slot}`;

  async function readFacts(): Promise<Facts> {
    const properties = await readProperties(session, reference, factPaths);
    return {
      devices: listOf(told(properties, "config.hardware.device"), "VirtualDevice"),
      hardwareVersion: Number(/\d+$/.exec(textOf(properties.get("config.version")) ?? "")?.[0] ?? 0),
      isOn: textOf(told(properties, "runtime.powerState")) === "poweredOn",
      host: fromSoap(properties.get("runtime.host")),
      datastores: listOf(properties.get("datastore"), "ManagedObjectReference").flatMap((item) => fromSoap(item) ?? []),
    };
  }

  function slotOf(slot: MediaSlotId, { devices }: Facts): MediaSlot {
    const drive = findDrive(devices, slot);
    const transfer = transfers.get(slotKey(slot));
    const insertion = library.insertion(key, slot);
    const isOurs = insertion !== undefined && insertion.path === drive?.image;
    const coming = transfer?.isDone === false && transfer.kind === "insert" ? transfer.image : undefined;
    const image = coming ?? (isOurs ? insertion.image : drive?.image);
    return {
      id: slot,
      isInserted: drive?.image !== undefined,
      ...(image !== undefined && { image, imageName: imageName(image) }),
      isConnected: drive?.isConnected === true && drive.image !== undefined,
      verifiesCertificate: insertion?.verifiesCertificate ?? settings.policy.verifiesCertificates,
      progress: transfer?.progress ?? { stage: "idle" },
    };
  }

  async function read(): Promise<readonly MediaSlot[]> {
    const facts = await readFacts();
    await forgetWhatIsGone(facts);
    const hasFloppy = findDrive(facts.devices, "floppy") !== undefined || hasFloppyController(facts.devices);
    return hasFloppy ? [slotOf("cd", facts), slotOf("floppy", facts)] : [slotOf("cd", facts)];
  }

  /** Somebody else has ejected what we had inserted, or put something else in. */
  async function forgetWhatIsGone({ devices }: Facts): Promise<void> {
    for (const slot of ["cd", "floppy"] as const) {
      const insertion = library.insertion(key, slot);
      const isBusy = transfers.get(slotKey(slot))?.isDone === false;
      if (insertion && !isBusy && findDrive(devices, slot)?.image !== insertion.path) {
        await library.remove(key, slot);
        void store.release(insertion.path);
      }
    }
  }

  /** Runs `work` as the only one for the slot. */
  function begin(
    slot: MediaSlotId,
    { kind, source, image }: Pick<Transfer, "image" | "kind" | "source">,
    work: (transfer: Transfer, tell: (progress: MediaProgress) => void) => Promise<void>,
  ): Transfer {
    const transfer: Transfer = {
      kind,
      source,
      image,
      abort: new AbortController(),
      done: Promise.resolve(undefined),
      isDone: false,
      progress: { stage: kind === "insert" ? "checking" : "ejecting" },
    };
    const tell = (progress: MediaProgress): void => {
      transfer.progress = progress;
      options.onProgress(slot, progress);
    };
    transfers.set(slotKey(slot), transfer);
    tell(transfer.progress);
    transfer.done = work(transfer, tell).then(
      () => finish(undefined),
      (error: unknown) => finish(toMachineError(error)),
    );
    function finish(failure: MachineError | undefined): MachineError | undefined {
      transfer.isDone = true;
      const isFailed = failure !== undefined && !transfer.abort.signal.aborted;
      tell(isFailed ? { stage: "failed", reason: failure.message, at: Date.now() } : { stage: "idle" });
      return failure;
    }
    return transfer;
  }

  async function insert(insertion: MediaInsertion, progress: Progress): Promise<void> {
    const { slot, image, username, password } = insertion;
    const credentials = username === null || username === "" ? undefined : { username, password: password ?? "" };
    const wanted = parseImage(image, credentials);
    const verifiesCertificate = insertion.verifyCertificate ?? settings.policy.verifiesCertificates;
    const source = createHash("sha256")
      .update(JSON.stringify([image, credentials, verifiesCertificate, slot]))
      .digest("hex");
    const present = transfers.get(slotKey(slot));
    if (present?.isDone === false && (present.kind !== "insert" || present.source !== source)) {
      throw new MachineError("busy", `${inWords(present)}: wait until it has ended, or eject it first`);
    }
    progress.stage = "underWay";
    const transfer =
      present?.isDone === false
        ? present
        : begin(slot, { kind: "insert", source, image: shownImage(image) }, (mine, tell) =>
            bring({ slot, image, wanted, source, verifiesCertificate }, mine, tell),
          );
    const failure = await transfer.done;
    // An eject that came later is no failure to be told afterwards.
    progress.isSuperseded = transfer.abort.signal.aborted;
    throwIfFailed(failure);
  }

  interface Errand {
    readonly slot: MediaSlotId;
    readonly image: string;
    readonly wanted: ImageReference;
    readonly source: string;
    readonly verifiesCertificate: boolean;
  }

  async function bring(errand: Errand, transfer: Transfer, tell: (progress: MediaProgress) => void): Promise<void> {
    const { slot, wanted } = errand;
    const facts = await readFacts();
    if (isInAlready(errand, facts)) {
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
      await requireFile(wanted.datastorePath, slot, place);
      return attach(errand, wanted.datastorePath, transfer, tell);
    }
    const datastore = chooseDatastore(places, { configured: settings.datastore, own: facts.datastores });
    await requirePrivileges(session, [drive, wishFor(datastore, storagePrivileges)]);
    const share = store.fetch({
      reference: wanted,
      image: errand.image,
      source: errand.source,
      slot,
      datastore,
      datacenter: await datacenterOf(session, datastore.reference),
      options: { policy: settings.policy, verifiesCertificate: errand.verifiesCertificate },
      onProgress: tell,
    });
    try {
      await attach(errand, await untilAborted(share.path, transfer.abort.signal), transfer, tell);
    } catch (error) {
      await share.leave();
      void share.path.then(store.release, () => undefined);
      throw error;
    }
    await share.leave();
  }

  /** What is asked for is there; throws MachineError where something else is in the drive. */
  function isInAlready({ slot, source, wanted }: Errand, { devices, isOn }: Facts): boolean {
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

  async function attach(
    { slot, image, source, verifiesCertificate }: Errand,
    path: string,
    { abort }: Transfer,
    tell: (progress: MediaProgress) => void,
  ): Promise<void> {
    requireWanted(abort.signal);
    tell({ stage: "attaching" });
    const facts = await readFacts();
    // Before the drive is changed: believed only while the drive says the same.
    await library.insert({ vm: key, slot, image: shownImage(image), source, path, verifiesCertificate });
    try {
      await changeDrives(session, reference, insertChanges(slot, path, facts));
      const { devices } = await readFacts();
      if (findDrive(devices, slot)?.image !== path) {
        throw new MachineError("unavailable", "vSphere says that the image was inserted, and it is not in the drive");
      }
    } catch (error) {
      await library.remove(key, slot);
      throw error;
    }
  }

  async function eject(slot: MediaSlotId, progress: Progress): Promise<void> {
    const present = transfers.get(slotKey(slot));
    progress.stage = "underWay";
    if (present?.isDone === false && present.kind === "eject") {
      throwIfFailed(await present.done);
      return;
    }
    present?.abort.abort();
    const transfer = begin(slot, { kind: "eject", source: "", image: undefined }, async () => {
      await present?.done;
      await takeOut(slot);
    });
    throwIfFailed(await transfer.done);
  }

  async function takeOut(slot: MediaSlotId): Promise<void> {
    const drive = findDrive((await readFacts()).devices, slot);
    if (drive?.image !== undefined) {
      await changeDrives(session, reference, ejectChanges(slot, drive));
      if (findDrive((await readFacts()).devices, slot)?.image === drive.image) {
        throw new MachineError("unavailable", "vSphere says that the image was ejected, and it is still in the drive");
      }
    }
    const insertion = library.insertion(key, slot);
    if (insertion) {
      await library.remove(key, slot);
      await store.release(insertion.path);
    }
  }

  async function requireFile(path: string, slot: MediaSlotId, place: DatastorePlace): Promise<void> {
    const size = await fileSize(session, place.browser, parseDatastorePath(path));
    if (size === undefined) {
      throw new MachineError("notFound", `there is no file ${path}`);
    }
    if (slot === "floppy" && size !== floppyBytes) {
      throw new MachineError(
        "unsupported",
        `a floppy image has ${floppyBytes} bytes (1.44 MB), and ${path} has ${size}`,
      );
    }
  }

  return {
    read,
    insert,
    eject,
    settled: () => {
      const underWay = (["cd", "floppy"] as const).flatMap((slot) => {
        const transfer = transfers.get(slotKey(slot));
        return transfer?.isDone === false ? [transfer.done] : [];
      });
      return underWay.length === 0
        ? undefined
        : Promise.all(underWay).then((failures) => failures.find((failure) => failure !== undefined));
    },
  };
}

const floppyBytes = 1_474_560;

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

function inWords({ kind, image }: Transfer): string {
  return kind === "eject" ? "the drive is being emptied" : `another image is on its way (${imageName(image ?? "")})`;
}

function throwIfFailed(failure: MachineError | undefined): void {
  if (failure) {
    throw failure;
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
