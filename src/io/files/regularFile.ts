/** Reading files that may be anything: whatever lies at the path, the reader never waits for it and never drowns in it. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from "node:fs";

/** What is at the path is not a file that can be read as one; `message` is half a sentence: `it is a pipe, not a file`. */
export class StrangeFileError extends Error {
  override readonly name = "StrangeFileError";
}

/**
 * The content of a regular file; links are followed.
 * @throws StrangeFileError for a pipe, a device, a folder, or more than `maximumBytes`; file system errors as they are
 */
export function readRegularFile(file: string, maximumBytes: number): Buffer {
  // Opening some devices does something: a tape rewinds, a hardware watchdog starts.
  checkRegular(statSync(file), maximumBytes);
  // What has become a pipe since is opened without waiting for its writer.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    checkRegular(fstatSync(descriptor), maximumBytes);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** @throws StrangeFileError */
export function checkRegular(stats: Stats, maximumBytes = Infinity): void {
  if (!stats.isFile()) {
    throw new StrangeFileError(`it is ${kindOf(stats)}, not a file`);
  }
  if (stats.size > maximumBytes) {
    throw new StrangeFileError(`it is larger than ${Math.ceil(maximumBytes / 1024)} KB`);
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) {
    return "a folder";
  }
  if (stats.isFIFO()) {
    return "a pipe";
  }
  return stats.isSocket() ? "a socket" : "a device";
}
