import type { Cell, ControlResponse, MediaRequest } from "../../control/messages.js";
import { driveTexts, type MediaSlot, percentOf } from "../../model/machine/media.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { notFound } from "./names.js";

const readBoundMs = 4_000;
/** Clients that wait for the end of a transfer poll, ms. */
const changeBoundMs = 1_500;

const header = ["Drive", "State", "Image", "Progress", "Reason"];

/** `vbmc media list|insert|eject NAME`: a row for each drive in its current state. Longer transfers continue. */
export async function changeMedia(request: MediaRequest, supervisor: Supervisor): Promise<ControlResponse> {
  const { vm_name: name, action, slot } = request;
  const problem = problemOf(name, supervisor);
  if (problem !== undefined) {
    return { rc: 1, msg: [problem] };
  }
  const change = (operation: MachineOperation): Promise<MachineOperationResult> =>
    supervisor.operate(name, operation, changeBoundMs);
  const failure = await firstFailure(
    change,
    action === "insert" ? insertion(request) : action === "eject" ? [{ name: "ejectMedia", slot }] : [],
  );
  if (failure !== undefined) {
    return { rc: 1, msg: [failure] };
  }
  const read = await supervisor.operate(name, { name: "readMedia" }, readBoundMs);
  if (!read.ok) {
    return { rc: 1, msg: [read.message] };
  }
  return { rc: 0, header, rows: (read.value as readonly MediaSlot[]).map(toRow) };
}

/** Why its drives are unknown. */
function problemOf(name: string, supervisor: Supervisor): string | undefined {
  const entry = supervisor.store.read(name);
  if (entry === undefined) {
    return notFound(name, supervisor);
  }
  if ("fault" in entry) {
    return `${name} cannot be read: ${entry.fault}`;
  }
  return supervisor.running.get(name)?.state === "running"
    ? undefined
    : `the BMC of ${name} is not running: start it with vbmc start ${name}`;
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

async function firstFailure(
  operate: (operation: MachineOperation) => Promise<MachineOperationResult>,
  operations: readonly MachineOperation[],
): Promise<string | undefined> {
  for (const operation of operations) {
    const result = await operate(operation);
    if (!result.ok) {
      return result.message;
    }
  }
  return undefined;
}

function toRow(slot: MediaSlot): Cell[] {
  const { id, image, progress } = slot;
  const percent = percentOf(progress);
  const reason = progress.stage === "failed" ? progress.reason : null;
  return [driveTexts[id], mediaState(slot), image ?? null, percent ?? null, reason];
}

/** A drive in one line, such as `debian.iso (uploading, 45 %)`; undefined if it is empty. */
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
