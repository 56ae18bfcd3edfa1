/** The boot order to give back to one VM, in its BMC's folder: with the folder it goes. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { replaceFile } from "../files/atomicWrite.js";
import type { BootMemory, PendingBoot } from "../vsphere/nextBoot.js";

const fileName = "boot-order.json";

/** Without a folder it is kept in memory only. A damaged file is as good as none: `onDamage` is told. */
export function openBootMemory(folder: string | undefined, onDamage: (file: string) => void): BootMemory {
  const file = folder === undefined ? undefined : path.join(folder, fileName);
  let pending = file === undefined ? undefined : read(file, onDamage);
  return {
    read: () => pending,
    write: async (next) => {
      if (next === pending) {
        return;
      }
      pending = next;
      if (file !== undefined) {
        await (next ? replaceFile(file, `${JSON.stringify(next)}\n`) : rm(file, { force: true }));
      }
    },
  };
}

function read(file: string, onDamage: (file: string) => void): PendingBoot | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    const pending = JSON.parse(text) as Partial<PendingBoot> | null;
    if (typeof pending?.device === "string" && Array.isArray(pending.former)) {
      return pending as PendingBoot;
    }
  } catch {
    // Told below, as any other damage.
  }
  onDamage(file);
  return undefined;
}
