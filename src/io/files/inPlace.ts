/**
 * Writing over a file without replacing it: for one that is mounted by itself, has further names (hard links), belongs to
 * another user, or lies in a folder that cannot be written. The new text is safe in a second file before the first byte of
 * the old one goes; what a power failure interrupts is finished by `finishRewrites`.
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

/** Beginning of the names of the safe copies; behind it stands the file's own name. */
export const rewritePrefix = ".rewrite-";

const longestText = 16 * 1024 * 1024;

/**
 * Rejects when the new text cannot be made safe in the folder of `file`, or cannot be written; the old one stays then.
 * @param target where the links of `file` lead
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

/** Writes what was interrupted once more. Throws when that cannot be done; it can be tried again then. */
export function finishRewrites(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(rewritePrefix))) {
    const safe = path.join(folder, name);
    const file = path.join(folder, name.slice(rewritePrefix.length));
    overwrite(file, readRegularFile(safe, longestText));
    rmSync(safe);
  }
}

/** In one go, so that nobody in this process sees half of it. */
function overwrite(target: string, content: Buffer): void {
  const former = readRegularFile(target, longestText);
  const descriptor = openSync(target, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    checkRegular(fstatSync(descriptor));
    try {
      writeWhole(descriptor, content);
    } catch (error) {
      // Its blocks are there: the former text fits even on a full disk.
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
