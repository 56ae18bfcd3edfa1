/** Cleans up what a killed daemon left in config_dir and in the BMCs' folders. */
import { lstatSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";
import { fileFault } from "../../io/files/errno.js";
import { finishRewrites } from "../../io/files/inPlace.js";
import { unfinishedPrefix } from "../../io/files/synced.js";

/** Younger files may belong to another daemon on the same config_dir, ms. */
const unfinishedAgeMs = 60_000;

/** Finishes interrupted writes and removes temporary files; never throws. */
export function clearLeftovers(folder: string, onWarning: (message: string) => void): void {
  attempt(folder, onWarning, "cannot finish a write that was interrupted when vbmcd ended", () => {
    finishRewrites(folder);
  });
  attempt(folder, onWarning, "cannot remove what an earlier vbmcd left behind", () => {
    const names = readdirSync(folder).filter((name) => name.startsWith(unfinishedPrefix));
    const [fault] = names.flatMap((name) => removeIfOld(path.join(folder, name)));
    if (fault !== undefined) {
      throw fault;
    }
  });
}

/** @returns why it cannot be removed */
function removeIfOld(file: string): Error[] {
  try {
    const changed = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - changed > unfinishedAgeMs) {
      rmSync(file, { recursive: true, force: true });
    }
    return [];
  } catch (error) {
    return error instanceof Error ? [error] : [];
  }
}

function attempt(folder: string, onWarning: (message: string) => void, what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    // An unreadable folder is reported when its file is read; anything but a folder has no leftovers.
    const isUnreadable = isErrno(error, "EACCES", "ELOOP", "ENOENT", "ENOTDIR") && error.path === folder;
    if (!isUnreadable) {
      onWarning(`${folder}: ${what}: ${fileFault(error)}`);
    }
  }
}
