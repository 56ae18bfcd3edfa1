/** Reads files safely, whatever is at the path: never blocks and never reads more than a limit. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from "node:fs";

/** The path is not a readable regular file; `message` is half a sentence: `it is a pipe, not a file`. */
export class StrangeFileError extends Error {
  override readonly name = "StrangeFileError";
}

/**
 * The content of a regular file; follows links.
 * @throws StrangeFileError for a pipe, a device, a folder, or more than `maxBytes`; file system errors unchanged
 */
export function readRegularFile(file: string, maxBytes: number): Buffer {
  // Opening some devices has side effects: a tape rewinds, a hardware watchdog starts.
  checkRegular(statSync(file), maxBytes);
  // If it has just become a pipe, open it without waiting for its writer.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    checkRegular(fstatSync(descriptor), maxBytes);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** @throws StrangeFileError */
export function checkRegular(stats: Stats, maxBytes = Infinity): void {
  if (!stats.isFile()) {
    throw new StrangeFileError(`it is ${kindOf(stats)}, not a file`);
  }
  if (stats.size > maxBytes) {
    throw new StrangeFileError(`it is larger than ${Math.ceil(maxBytes / 1024)} KB`);
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
