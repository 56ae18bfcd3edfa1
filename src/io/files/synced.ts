/** Building blocks for files that survive a power failure. */
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";

import { isErrno } from "../../base/errors.js";

/** Prefix of names of files being created or removed; VM names never begin with a dot. */
export const unfinishedPrefix = ".unfinished-";

let count = 0;

export function unfinishedName(): string {
  return `${unfinishedPrefix}${process.pid}-${String(count++)}`;
}

/** Creates a new file, mode 0600. `prepare` may change it before it is written. */
export async function writeSynced(
  file: string,
  text: string,
  prepare?: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await prepare?.(handle);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Syncs the names in a folder, if its file system and permissions allow that. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EINVAL", "ENOTSUP")) {
      throw error;
    }
  }
}
