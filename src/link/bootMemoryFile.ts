/** What is remembered of the boot order of one VM, in its BMC's folder: with the folder it goes. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { replaceFile } from "../files/atomicWrite.js";
import type { BootMemory, BootNote, PendingBoot } from "../vsphere/nextBoot.js";

const fileName = "boot-order.json";

/** What the file holds: the note, and the VM that it is about. */
interface KeptNote {
  readonly vm: string;
  readonly note: BootNote;
}

/**
 * `vm` is what identifies the VM: a note on another one is none. Without a folder it is kept in memory
 * only. A damaged file is as good as none: `onDamage` is told.
 */
export function openBootMemory(folder: string | undefined, vm: string, onDamage: (file: string) => void): BootMemory {
  const file = folder === undefined ? undefined : path.join(folder, fileName);
  const kept = file === undefined ? undefined : read(file, onDamage);
  let note: BootNote = kept?.vm === vm ? kept.note : {};
  return {
    read: () => note,
    write: async (next) => {
      if (next === note) {
        return;
      }
      note = next;
      if (file !== undefined) {
        const isEmpty = next.pending === undefined && next.delayed === undefined;
        await (isEmpty ? rm(file, { force: true }) : replaceFile(file, `${JSON.stringify({ ...next, vm })}\n`));
      }
    },
  };
}

function read(file: string, onDamage: (file: string) => void): KeptNote | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    const kept = JSON.parse(text) as { readonly vm?: unknown } | null;
    const note = toNote(kept);
    if (note && typeof kept?.vm === "string") {
      return { vm: kept.vm, note };
    }
  } catch {
    // Told below, as any other damage.
  }
  onDamage(file);
  return undefined;
}

/** undefined for what is none. */
function toNote(value: unknown): BootNote | undefined {
  const { pending, delayed } = (value ?? {}) as Partial<BootNote>;
  const isNote = (pending === undefined || isPending(pending)) && (delayed === undefined || isDelayed(delayed));
  return isNote && (pending ?? delayed) ? { ...(pending && { pending }), ...(delayed && { delayed }) } : undefined;
}

function isPending({ device, former, tasks }: Partial<PendingBoot>): boolean {
  return typeof device === "string" && Array.isArray(former) && Array.isArray(tasks);
}

function isDelayed({ override }: Partial<NonNullable<BootNote["delayed"]>>): boolean {
  return override === null || typeof override?.device === "string";
}
