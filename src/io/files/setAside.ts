/** Renames unusable files. */
import { renameSync } from "node:fs";

import { fileFault } from "./errno.js";

/**
 * Renames an unusable file of ours to `FILE.damaged`, so that a new one can be created and this one inspected.
 * @returns why it could not be renamed; undefined on success
 */
export function setAside(file: string): string | undefined {
  try {
    renameSync(file, `${file}.damaged`);
    return undefined;
  } catch (error) {
    return fileFault(error);
  }
}
