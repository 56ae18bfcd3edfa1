import { mkdirSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";

/**
 * Makes a folder and those above it where they are missing, mode 0700.
 * @throws the reason of the first that cannot be made: Node's own `recursive` says ENOENT of a read-only file system
 */
export function ensureFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (isErrno(error, "EEXIST")) {
      return;
    }
    if (!isErrno(error, "ENOENT") || path.dirname(folder) === folder) {
      throw error;
    }
    ensureFolder(path.dirname(folder));
    mkdirSync(folder, { mode: 0o700 });
  }
}
