/**
 * Files and folders that appear complete or not at all, whenever the power goes.
 * Not by the package write-file-atomic: it does not sync the folder (so a rename may be lost), and keeps the old file's loose mode.
 */
import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** Beginning of the names of what is being made or removed; VM names never begin with a dot. */
export const unfinishedPrefix = ".unfinished-";

let count = 0;

function unfinishedName(): string {
  return `${unfinishedPrefix}${process.pid}-${String(count++)}`;
}

/** Replaces a file, mode 0600. On any error the old file stays as it is. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, unfinishedName());
  try {
    await writeSynced(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/**
 * Makes a folder, mode 0700, that holds one file.
 * @throws ENOTEMPTY or EEXIST when there is one that is not empty; ENOTDIR when there is a file
 */
export async function createFolder(folder: string, fileName: string, text: string): Promise<void> {
  const parent = path.dirname(folder);
  const temporary = path.join(parent, unfinishedName());
  try {
    await mkdir(temporary, { mode: 0o700 });
    await writeSynced(path.join(temporary, fileName), text);
    await syncFolder(temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await syncFolder(parent);
}

/** Removes a folder with all it holds; it is gone by name before its first file is. */
export async function removeFolder(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  const doomed = path.join(parent, unfinishedName());
  await rename(folder, doomed);
  await syncFolder(parent);
  await rm(doomed, { recursive: true, force: true });
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder survive a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
