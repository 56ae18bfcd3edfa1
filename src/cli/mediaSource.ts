/** What a user gives as an image: a file of this host becomes an absolute path, everything else stays as it is. */
import { statSync } from "node:fs";
import path from "node:path";

import { errorCode } from "../base/errors.js";
import { CliError } from "./context.js";

/** Throws CliError for a file that is not there, or is none. */
export function imageOf(source: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source) || /^\[[^\]]+\]/.test(source)) {
    return source;
  }
  const file = path.resolve(source);
  try {
    if (!statSync(file).isFile()) {
      throw new CliError(`${file} is not a file: give an ISO image`);
    }
  } catch (error) {
    throw error instanceof CliError ? error : new CliError(`${file} cannot be read: ${errorCode(error) ?? "unknown"}`);
  }
  return file;
}
