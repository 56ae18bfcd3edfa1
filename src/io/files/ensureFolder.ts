/** Creates folders with safe permissions. */
import { mkdirSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";

/**
 * Creates a folder and its missing parents, mode 0700.
 * @throws the error of the first that cannot be created: Node's own `recursive` reports ENOENT for a read-only file system
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
