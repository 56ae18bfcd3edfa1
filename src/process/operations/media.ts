/** `vbmc media`: images in the virtual drives. */
import type { MediaRequest } from "../../control/messages.js";
import { type MediaSlot, percentOf } from "../../model/machine/media.js";
import type { MachineOperation } from "../../model/machine/operation.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { configuredBmc } from "./configuredBmc.js";
import { operate } from "./operate.js";
import { OperationError } from "./operationError.js";

const readTimeoutMs = 4_000;
/** Clients that wait for the end of a transfer poll, ms. */
const changeTimeoutMs = 1_500;

/**
 * `vbmc media list|insert|eject NAME`: the drives as they are then. What takes longer is under way.
 * Throws OperationError.
 */
export async function changeMedia(request: MediaRequest, supervisor: Supervisor): Promise<readonly MediaSlot[]> {
  const { vm_name: name, action, slot } = request;
  requireRunning(name, supervisor);
  const changes: readonly MachineOperation[] =
    action === "insert" ? insertion(request) : action === "eject" ? [{ name: "ejectMedia", slot }] : [];
  for (const change of changes) {
    await operate(supervisor, name, change, changeTimeoutMs);
  }
  return (await operate(supervisor, name, { name: "readMedia" }, readTimeoutMs)) as readonly MediaSlot[];
}

function requireRunning(name: string, supervisor: Supervisor): void {
  configuredBmc(name, supervisor);
  if (supervisor.running.get(name)?.state !== "running") {
    throw new OperationError(`the BMC of ${name} does not run: start it with vbmc start ${name}`);
  }
}

/** A start waits for an image that is being inserted: the boot device may be set meanwhile. */
function insertion(request: MediaRequest): readonly MachineOperation[] {
  const { slot, image = "", username, password, verify_certificate: verifies, boot_once: bootsOnce } = request;
  const device = slot === "cd" ? "cdrom" : "floppy";
  return [
    {
      name: "insertMedia",
      slot,
      image,
      username: username ?? null,
      password: password ?? null,
      verifyCertificate: verifies ?? null,
      isOperators: true,
    },
    ...(bootsOnce ? [{ name: "setBootOverride", override: { device, persistent: false } } as const] : []),
  ];
}

/** One drive in a line, such as `debian.iso (uploading, 45 %)`; undefined for an empty one. */
export function mediaText(slot: MediaSlot): string | undefined {
  const state = mediaState(slot);
  const { imageName = "an image", progress } = slot;
  const percent = percentOf(progress);
  const detail = progress.stage === "failed" ? `: ${progress.reason}` : percent === undefined ? "" : `, ${percent} %`;
  return state === "empty" ? undefined : `${slot.image === undefined ? "" : `${imageName} `}(${state}${detail})`;
}

/** `empty`, `inserted`, or the stage that is in progress or has failed. */
export function mediaState({ isInserted, progress: { stage } }: MediaSlot): string {
  return stage !== "idle" ? stage : isInserted ? "inserted" : "empty";
}
