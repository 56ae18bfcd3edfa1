/** Creates a file that several processes may want to create. */
import { link, rename, rm } from "node:fs/promises";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { linkTarget } from "./linkTarget.js";
import { setAside } from "./setAside.js";
import { unfinishedName, writeSynced } from "./synced.js";

/**
 * Creates a file, mode 0600, completely and on disk, or not at all. If another process was faster, its file stays: the
 * caller must read the file afterwards. A link into a folder that does not exist is renamed to `FILE.damaged`.
 */
export async function makeOnce(file: string, text: string): Promise<void> {
  const target = existingTarget(file);
  const temporary = path.join(path.dirname(target), unfinishedName());
  // Left by a killed process with our pid.
  await rm(temporary, { force: true });
  try {
    await writeSynced(temporary, text);
    await publish(temporary, target);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function existingTarget(file: string): string {
  try {
    return linkTarget(file);
  } catch (error) {
    const isStray = isErrno(error, "ENOENT") && setAside(file) === undefined;
    if (!isStray) {
      throw error;
    }
    return linkTarget(file);
  }
}

/** Unlike a rename, a link does not replace a file that another process has created. */
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
