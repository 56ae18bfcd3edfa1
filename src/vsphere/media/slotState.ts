/** What is to be said of a VM's drives: what they have, what we know of it, and what is under way. */
import { defined } from "../../base/defined.js";
import type { MediaSlot, MediaSlotId } from "../../model/machine/media.js";
import type { DriveFacts } from "./driveFacts.js";
import { findDrive, hasFloppyController } from "./drives.js";
import { imageName } from "./imageReference.js";
import type { InsertionContext } from "./insertion.js";
import type { MachineTransfers } from "./transfers.js";

export interface SlotContext extends Pick<InsertionContext, "key" | "library" | "settings"> {
  readonly transfers: MachineTransfers;
}

export const slotIds = ["cd", "floppy"] as const;

/** The floppy drive only where there is one, or can be. */
export function slotsOf(facts: DriveFacts, context: SlotContext): readonly MediaSlot[] {
  const hasFloppy = findDrive(facts.devices, "floppy") !== undefined || hasFloppyController(facts.devices);
  return hasFloppy ? slotIds.map((slot) => slotOf(slot, facts, context)) : [slotOf("cd", facts, context)];
}

function slotOf(
  slot: MediaSlotId,
  { devices }: DriveFacts,
  { key, library, settings, transfers }: SlotContext,
): MediaSlot {
  const drive = findDrive(devices, slot);
  const current = transfers.current(slot);
  const insertion = library.insertion(key, slot);
  const isOurs = insertion !== undefined && insertion.path === drive?.image;
  const coming = current?.kind === "insert" ? current.image : undefined;
  const image = coming ?? (isOurs ? insertion.image : drive?.image);
  return defined({
    id: slot,
    isInserted: drive?.image !== undefined,
    image,
    imageName: image === undefined ? undefined : imageName(image),
    isConnected: drive?.isConnected === true && drive.image !== undefined,
    verifiesCertificate: insertion?.verifiesCertificate ?? settings.policy.verifiesCertificates,
    progress: transfers.last(slot)?.progress ?? { stage: "idle" },
  });
}
