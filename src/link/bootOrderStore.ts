/** Boot orders to give back, on disk: one file per link, by VM. */
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { BootMemory, PendingBoot } from "../vsphere/nextBoot.js";

export interface BootOrderStore {
  readonly of: (vmName: string) => BootMemory;
}

/** Without a directory they are kept in memory only. A damaged file is as good as none: `onDamage` is told. */
export async function openBootOrderStore(
  directory: string | undefined,
  onDamage: (file: string) => void,
): Promise<BootOrderStore> {
  const file = directory === undefined ? undefined : path.join(directory, "boot-orders.json");
  const pendings = new Map<string, PendingBoot>();
  const text = file === undefined ? "" : await readFile(file, "utf8").catch(() => "");
  if (file !== undefined && text !== "") {
    try {
      for (const [vmName, pending] of Object.entries(JSON.parse(text) as Record<string, PendingBoot>)) {
        pendings.set(vmName, pending);
      }
    } catch {
      onDamage(file);
    }
  }

  async function save(): Promise<void> {
    if (file !== undefined) {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await writeFileAtomic(file, JSON.stringify(Object.fromEntries(pendings)), { mode: 0o600 });
    }
  }

  return {
    of: (vmName) => ({
      read: () => pendings.get(vmName),
      write: async (pending) => {
        if (pending) {
          pendings.set(vmName, pending);
        } else if (!pendings.delete(vmName)) {
          return;
        }
        await save();
      },
    }),
  };
}
