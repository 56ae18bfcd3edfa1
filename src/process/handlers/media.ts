/** The reply to `vbmc media`. */
import type { Cell, ControlResponse } from "../../control/messages.js";
import { driveTexts, type MediaSlot, percentOf } from "../../model/machine/media.js";
import { mediaState } from "../operations/media.js";

/** A row for each drive. */
export function renderMedia(slots: readonly MediaSlot[]): ControlResponse {
  return { rc: 0, header: ["Drive", "State", "Image", "Progress", "Reason"], rows: slots.map(toRow) };
}

function toRow(slot: MediaSlot): Cell[] {
  const { id, image, progress } = slot;
  const reason = progress.stage === "failed" ? progress.reason : null;
  return [driveTexts[id], mediaState(slot), image ?? null, percentOf(progress) ?? null, reason];
}
