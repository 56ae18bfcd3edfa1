import { renameSync } from "node:fs";

import { fileFault } from "./errno.js";

/**
 * Renames a file of ours that cannot be used, so that a new one can be begun and this one looked at.
 * @returns why it stays where it is; undefined when it is now called `FILE.damaged`
 */
export function setAside(file: string): string | undefined {
  try {
    renameSync(file, `${file}.damaged`);
    return undefined;
  } catch (error) {
    return fileFault(error);
  }
}
