/** Removes an image from a drive, and deletes the file once it is unused. */
import { MachineError } from "../../model/machine/errors.js";
import type { MediaSlotId } from "../../model/machine/media.js";
import { ejectChanges, findDrive } from "./drives.js";
import type { InsertionContext } from "./insertion.js";
import { changeDrives } from "./reconfigure.js";

/** Success for an empty drive. Throws MachineError, VimFault or VimTransportError. */
export async function takeOut(
  slot: MediaSlotId,
  { session, reference, library, store, key, look }: InsertionContext,
): Promise<void> {
  const drive = findDrive((await look()).devices, slot);
  if (drive?.image !== undefined) {
    await changeDrives(session, reference, ejectChanges(slot, drive));
    if (findDrive((await look()).devices, slot)?.image === drive.image) {
      throw new MachineError("unavailable", "vSphere says that the image was ejected, and it is still in the drive");
    }
  }
  const insertion = library.insertion(key, slot);
  if (insertion) {
    await library.remove(key, slot);
    await store.release(insertion.path);
  }
}
