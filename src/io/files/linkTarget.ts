/** Follows symbolic links before a file is written. */
import { readlinkSync, realpathSync } from "node:fs";
import path from "node:path";

import { isErrno } from "../../base/errors.js";

/**
 * Follows all symbolic links to the path where a file is or would be created: writing there leaves the links in place.
 * @throws ELOOP for links that form a loop; ENOENT if not even the folder exists
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

/** undefined if it is not a link, or missing. */
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
