/**
 * Rewrites a file without replacing it: for one that is a mount point, has hard links, belongs to another user, or is in
 * a folder that is not writable. The new text is stored in a second file before the first byte of the old one is
 * overwritten; `finishRewrites` completes a rewrite that a power failure interrupted.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";

import { checkRegular, readRegularFile } from "./regularFile.js";
import { syncFolder, unfinishedName, writeSynced } from "./synced.js";

/** Prefix of the names of the safe copies, followed by the file's own name. */
export const rewritePrefix = ".rewrite-";

const maxTextLength = 16 * 1024 * 1024;

/**
 * Rejects if the new text cannot be stored in the folder of `file`, or cannot be written; the old text stays then.
 * @param target the file that the links of `file` lead to
 */
export async function rewriteInPlace(file: string, target: string, text: string): Promise<void> {
  const folder = path.dirname(file);
  const safe = path.join(folder, `${rewritePrefix}${path.basename(file)}`);
  const temporary = path.join(folder, unfinishedName());
  try {
    await writeSynced(temporary, text);
    await rename(temporary, safe);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
  try {
    overwrite(target, Buffer.from(text));
  } finally {
    await rm(safe, { force: true });
  }
}

/** Repeats an interrupted rewrite. Throws if that fails; it can be retried. */
export function finishRewrites(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(rewritePrefix))) {
    const safe = path.join(folder, name);
    const file = path.join(folder, name.slice(rewritePrefix.length));
    overwrite(file, readRegularFile(safe, maxTextLength));
    rmSync(safe);
  }
}

/** Writes synchronously, so that nothing in this process sees half of it. */
function overwrite(target: string, content: Buffer): void {
  const former = readRegularFile(target, maxTextLength);
  const descriptor = openSync(target, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    checkRegular(fstatSync(descriptor));
    try {
      writeWhole(descriptor, content);
    } catch (error) {
      // Its blocks are allocated: the previous text fits even on a full disk.
      writeWhole(descriptor, former);
      throw error;
    }
  } finally {
    closeSync(descriptor);
  }
}

function writeWhole(descriptor: number, content: Buffer): void {
  for (let written = 0; written < content.length;) {
    written += writeSync(descriptor, content, written, content.length - written, written);
  }
  ftruncateSync(descriptor, content.length);
  fsyncSync(descriptor);
}
