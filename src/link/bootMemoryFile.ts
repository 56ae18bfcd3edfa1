/** What is remembered of the boot order of one VM, in its BMC's folder: with the folder it goes. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { replaceFile } from "../files/atomicWrite.js";
import type { BootMemory, BootNote, PendingBoot } from "../vsphere/nextBoot.js";

const fileName = "boot-order.json";

/** Without a folder it is kept in memory only. A damaged file is as good as none: `onDamage` is told. */
export function openBootMemory(folder: string | undefined, onDamage: (file: string) => void): BootMemory {
  const file = folder === undefined ? undefined : path.join(folder, fileName);
  let note: BootNote = file === undefined ? {} : read(file, onDamage);
  return {
    read: () => note,
    write: async (next) => {
      if (next === note) {
        return;
      }
      note = next;
      if (file !== undefined) {
        const isEmpty = next.pending === undefined && next.delayed === undefined;
        await (isEmpty ? rm(file, { force: true }) : replaceFile(file, `${JSON.stringify(next)}\n`));
      }
    },
  };
}

function read(file: string, onDamage: (file: string) => void): BootNote {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return {};
  }
  try {
    const note = toNote(JSON.parse(text));
    if (note) {
      return note;
    }
  } catch {
    // Told below, as any other damage.
  }
  onDamage(file);
  return {};
}

/** undefined for what is none. */
function toNote(value: unknown): BootNote | undefined {
  const { pending, delayed } = (value ?? {}) as Partial<BootNote>;
  const isNote = (pending === undefined || isPending(pending)) && (delayed === undefined || isDelayed(delayed));
  return isNote && (pending ?? delayed) ? { ...(pending && { pending }), ...(delayed && { delayed }) } : undefined;
}

function isPending({ device, former }: Partial<PendingBoot>): boolean {
  return typeof device === "string" && Array.isArray(former);
}

function isDelayed({ override }: Partial<NonNullable<BootNote["delayed"]>>): boolean {
  return override === null || typeof override?.device === "string";
}
