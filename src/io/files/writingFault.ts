/** Whether files can be made in a folder now. */
import { accessSync, constants, statfsSync } from "node:fs";

import { fileFault } from "./errno.js";

/** Why no file can be written in `folder`, in one line with its path; undefined if one can. */
export function writingFault(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    return statfsSync(folder).bavail === 0 ? `${folder}: no space left on device` : undefined;
  } catch (error) {
    return `${folder}: ${fileFault(error)}`;
  }
}
