import { readlinkSync, realpathSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";

/**
 * Where a file is, or would be made, once all symbolic links are followed: what is written there leaves them in place.
 * @throws ELOOP for links that lead in a circle; ENOENT when not even the folder is there
 */
export function linkTarget(file: string): string {
  try {
    return realpathSync.native(file);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) {
      throw error;
    }
  }
  const folder = realpathSync.native(path.dirname(file));
  const target = readLink(file);
  return target === undefined ? path.join(folder, path.basename(file)) : linkTarget(path.resolve(folder, target));
}

/** undefined when there is no link, or nothing at all. */
function readLink(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EINVAL")) {
      return undefined;
    }
    throw error;
  }
}
