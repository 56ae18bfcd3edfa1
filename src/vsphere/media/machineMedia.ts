/** The drives of one VM: what is in them, and the way of an image into one and out again. */
import { MachineError } from "../../model/machine/errors.js";
import type { MediaInsertion, MediaProgress, MediaSlot, MediaSlotId } from "../../model/machine/media.js";
import type { Progress } from "../task.js";
import { calledOff } from "./calledOff.js";
import { type DriveFacts, readDriveFacts } from "./driveFacts.js";
import { findDrive } from "./drives.js";
import { takeOut } from "./ejection.js";
import { imageName, shownImage } from "./imageReference.js";
import { bringImage, type InsertionContext, toErrand } from "./insertion.js";
import { type SlotContext, slotIds, slotsOf } from "./slotState.js";
import { createMachineTransfers, type Transfer, type Transfers } from "./transfers.js";

export interface MachineMediaOptions extends Omit<InsertionContext, "look"> {
  readonly transfers: Transfers;
  readonly onProgress: (slot: MediaSlotId, progress: MediaProgress) => void;
  /** Called when the images in the drives or the insertions in progress have changed, as far as they have been read. */
  readonly onChange: (slots: readonly MediaSlot[]) => void;
}

export interface MachineMedia {
  readonly read: () => Promise<readonly MediaSlot[]>;
  /** Resolves once the image is in the drive; the same image that is under way is joined. Throws MachineError and others. */
  readonly insert: (insertion: MediaInsertion, progress: Progress) => Promise<void>;
  /** Calls an insertion off that is under way. A drive that is empty is left as it is. */
  readonly eject: (slot: MediaSlotId, progress: Progress) => Promise<void>;
  /** Resolves when nothing is in progress, with the reason of a failure; undefined: nothing is in progress. */
  readonly settled: () => Promise<MachineError | undefined> | undefined;
}

export function createMachineMedia(options: MachineMediaOptions): MachineMedia {
  const { settings, library, store, session, reference, key, onChange } = options;
  let facts: DriveFacts | undefined;
  const transfers = createMachineTransfers(options.transfers, key, (slot, progress) => {
    options.onProgress(slot, progress);
    tellChange();
  });
  const context: SlotContext = { settings, library, key, transfers };

  async function look(): Promise<DriveFacts> {
    facts = await readDriveFacts(session, reference);
    return facts;
  }

  const inserting: InsertionContext = { ...options, look };

  function tellChange(): void {
    if (facts) {
      onChange(slotsOf(facts, context));
    }
  }

  async function read(): Promise<readonly MediaSlot[]> {
    const known = await look();
    await forgetWhatIsGone(known);
    const slots = slotsOf(known, context);
    onChange(slots);
    return slots;
  }

  /** Another user has ejected what we had inserted, or inserted something else. */
  async function forgetWhatIsGone({ devices }: DriveFacts): Promise<void> {
    for (const slot of slotIds) {
      const insertion = library.insertion(key, slot);
      if (insertion && !transfers.current(slot) && findDrive(devices, slot)?.image !== insertion.path) {
        await library.remove(key, slot);
        void store.release(insertion.path);
      }
    }
  }

  async function insert(insertion: MediaInsertion, progress: Progress): Promise<void> {
    const errand = toErrand(insertion, settings, key);
    const { slot, source } = errand;
    progress.stage = "underWay";
    // Clients that do not wait for the end of an ejection insert at once.
    for (let current = transfers.current(slot); current?.kind === "eject"; current = transfers.current(slot)) {
      throwIfFailed(await current.done);
    }
    const present = transfers.current(slot);
    if (present && present.source !== source) {
      throw new MachineError("invalidState", `${inWords(present)}: wait until it has ended, or eject it first`);
    }
    const transfer =
      present ??
      transfers.begin(slot, { kind: "insert", source, image: shownImage(errand.image) }, async (mine, tell) => {
        await bringImage(errand, inserting, mine, tell);
      });
    const failure = await transfer.done;
    // An eject that came later is not a failure to report afterwards.
    progress.isSuperseded = transfer.isCalledOff;
    throwIfFailed(failure);
  }

  async function eject(slot: MediaSlotId, progress: Progress): Promise<void> {
    const present = transfers.current(slot);
    progress.stage = "underWay";
    if (present?.kind === "eject") {
      throwIfFailed(await present.done);
      return;
    }
    if (present) {
      present.isCalledOff = true;
      present.abort.abort(calledOff());
    }
    const transfer = transfers.begin(slot, { kind: "eject", source: "", image: undefined }, async () => {
      await present?.done;
      await takeOut(slot, inserting);
    });
    throwIfFailed(await transfer.done);
  }

  return {
    read,
    insert,
    eject,
    settled: transfers.settled,
  };
}

function inWords({ kind, image }: Transfer): string {
  return kind === "eject" ? "the drive is being emptied" : `another image is on its way (${imageName(image ?? "")})`;
}

function throwIfFailed(failure: MachineError | undefined): void {
  if (failure) {
    throw failure;
  }
}
