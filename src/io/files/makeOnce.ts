import { link, rename, rm } from "node:fs/promises";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { linkTarget } from "./linkTarget.js";
import { unfinishedName, writeSynced } from "./synced.js";

/**
 * Makes a file, mode 0600, whole and on disk, or not at all. When another process was faster, its file stays: whoever
 * calls reads what there is now.
 */
export async function makeOnce(file: string, text: string): Promise<void> {
  const target = linkTarget(file);
  const temporary = path.join(path.dirname(target), unfinishedName());
  // What a killed process of our number has left.
  await rm(temporary, { force: true });
  try {
    await writeSynced(temporary, text);
    await publish(temporary, target);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** A link, unlike a rename, leaves what another process has made in place. */
async function publish(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    // Some file systems have no hard links.
    if (isErrno(error, "EPERM", "ENOTSUP", "ENOSYS")) {
      await rename(temporary, target);
    } else if (!isErrno(error, "EEXIST")) {
      throw error;
    }
  }
}
