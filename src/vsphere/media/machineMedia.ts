/** The drives of one VM: what is in them, and the way of an image into one and out again. */
import { createHash } from "node:crypto";

import { MachineError } from "../../model/machine/errors.js";
import type { MediaInsertion, MediaProgress, MediaSlot, MediaSlotId } from "../../model/machine/media.js";
import type { Progress } from "../task.js";
import { type DriveFacts, readDriveFacts } from "./driveFacts.js";
import { ejectChanges, findDrive, hasFloppyController } from "./drives.js";
import { type ImageInsertionOptions, insertImage } from "./imageInsertion.js";
import { imageName, parseImage, shownImage } from "./imageReference.js";
import { changeDrives } from "./reconfigure.js";
import { type MachineTransfers, requireSame, type Transfers, transfersOf } from "./transfers.js";

export interface MachineMediaOptions extends ImageInsertionOptions {
  readonly transfers: Transfers;
  readonly onProgress: (slot: MediaSlotId, progress: MediaProgress) => void;
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

const slots = ["cd", "floppy"] as const;

export function createMachineMedia(options: MachineMediaOptions): MachineMedia {
  const transfers = transfersOf(options.transfers, options.key, options.onProgress);
  return {
    read: () => readSlots(options, transfers),
    insert: (insertion, progress) => insert(options, transfers, insertion, progress),
    eject: async (slot, progress) => {
      const present = transfers.underWay(slot);
      progress.stage = "underWay";
      if (present?.kind === "eject") {
        throwIfFailed(await present.done);
        return;
      }
      present?.abort.abort();
      const transfer = transfers.begin(slot, { kind: "eject", source: "", image: undefined }, async () => {
        await present?.done;
        await takeOut(options, slot);
      });
      throwIfFailed(await transfer.done);
    },
    settled: () => {
      const underWay = slots.flatMap((slot) => transfers.underWay(slot)?.done ?? []);
      return underWay.length === 0
        ? undefined
        : Promise.all(underWay).then((failures) => failures.find((failure) => failure !== undefined));
    },
  };
}

async function readSlots(options: MachineMediaOptions, transfers: MachineTransfers): Promise<readonly MediaSlot[]> {
  const facts = await readDriveFacts(options.session, options.reference);
  await forgetWhatIsGone(options, transfers, facts);
  const hasFloppy = findDrive(facts.devices, "floppy") !== undefined || hasFloppyController(facts.devices);
  const present = hasFloppy ? slots : (["cd"] as const);
  return present.map((slot) => slotOf(options, transfers, slot, facts));
}

function slotOf(
  { library, key, settings }: MachineMediaOptions,
  transfers: MachineTransfers,
  slot: MediaSlotId,
  { devices }: DriveFacts,
): MediaSlot {
  const drive = findDrive(devices, slot);
  const underWay = transfers.underWay(slot);
  const insertion = library.insertion(key, slot);
  const isOurs = insertion !== undefined && insertion.path === drive?.image;
  const coming = underWay?.kind === "insert" ? underWay.image : undefined;
  const image = coming ?? (isOurs ? insertion.image : drive?.image);
  return {
    id: slot,
    isInserted: drive?.image !== undefined,
    ...(image !== undefined && { image, imageName: imageName(image) }),
    isConnected: drive?.isConnected === true && drive.image !== undefined,
    verifiesCertificate: insertion?.verifiesCertificate ?? settings.policy.verifiesCertificates,
    progress: transfers.of(slot)?.progress ?? { stage: "idle" },
  };
}

/** Somebody else has ejected what we had inserted, or put something else in. */
async function forgetWhatIsGone(
  { library, store, key }: MachineMediaOptions,
  transfers: MachineTransfers,
  { devices }: DriveFacts,
): Promise<void> {
  for (const slot of slots) {
    const insertion = library.insertion(key, slot);
    const isBusy = transfers.underWay(slot) !== undefined;
    if (insertion && !isBusy && findDrive(devices, slot)?.image !== insertion.path) {
      await library.remove(key, slot);
      void store.release(insertion.path);
    }
  }
}

async function insert(
  options: MachineMediaOptions,
  transfers: MachineTransfers,
  insertion: MediaInsertion,
  progress: Progress,
): Promise<void> {
  const { slot, image, username, password } = insertion;
  const credentials = username === null || username === "" ? undefined : { username, password: password ?? "" };
  const wanted = parseImage(image, credentials);
  const verifiesCertificate = insertion.verifyCertificate ?? options.settings.policy.verifiesCertificates;
  const source = createHash("sha256")
    .update(JSON.stringify([image, credentials, verifiesCertificate, slot]))
    .digest("hex");
  const present = transfers.underWay(slot);
  requireSame(present, source);
  progress.stage = "underWay";
  const transfer =
    present ??
    transfers.begin(slot, { kind: "insert", source, image: shownImage(image) }, (mine, tell) =>
      insertImage(options, { slot, image, wanted, source, verifiesCertificate }, mine, tell),
    );
  const failure = await transfer.done;
  // An eject that came later is no failure to be told afterwards.
  progress.isSuperseded = transfer.abort.signal.aborted;
  throwIfFailed(failure);
}

async function takeOut(
  { session, reference, library, key, store }: MachineMediaOptions,
  slot: MediaSlotId,
): Promise<void> {
  const drive = findDrive((await readDriveFacts(session, reference)).devices, slot);
  if (drive?.image !== undefined) {
    await changeDrives(session, reference, ejectChanges(slot, drive));
    if (findDrive((await readDriveFacts(session, reference)).devices, slot)?.image === drive.image) {
      throw new MachineError("unavailable", "vSphere says that the image was ejected, and it is still in the drive");
    }
  }
  const insertion = library.insertion(key, slot);
  if (insertion) {
    await library.remove(key, slot);
    await store.release(insertion.path);
  }
}

function throwIfFailed(failure: MachineError | undefined): void {
  if (failure) {
    throw failure;
  }
}
