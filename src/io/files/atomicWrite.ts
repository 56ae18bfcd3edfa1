/**
 * Files and folders that appear complete or not at all, whenever the power goes.
 * Not by the package write-file-atomic: it does not sync the folder (so a rename may be lost), and keeps the old file's loose mode.
 */
import { constants, type Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";

import { isErrno, toError } from "../../base/errors.js";
import { rewriteInPlace } from "./inPlace.js";
import { linkTarget } from "./linkTarget.js";
import { checkRegular } from "./regularFile.js";
import { syncFolder, unfinishedName, writeSynced } from "./synced.js";

/** The file must keep its owner, which a new file could not have. */
class ForeignOwnerError extends Error {
  override readonly name = "ForeignOwnerError";
}

/**
 * Replaces a file, mode 0600. On any error the old file stays unchanged. Symbolic links stay, and lead to the new text; a
 * file with hard links or another owner, or one that cannot be replaced, is rewritten in place.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const target = linkTarget(file);
  const former = await statIfThere(target);
  if (former === undefined) {
    await writeBeside(target, text);
    return;
  }
  checkRegular(former);
  if (former.nlink > 1 && (await writingError(target)) === undefined) {
    await rewriteInPlace(file, target, text);
    return;
  }
  try {
    await writeBeside(target, text, former);
  } catch (error) {
    const isRefused = error instanceof ForeignOwnerError || isErrno(error, "EBUSY", "EACCES", "EPERM", "EROFS");
    if (isRefused && (await writingError(target)) === undefined) {
      await rewriteInPlace(file, target, text);
    } else if (error instanceof ForeignOwnerError) {
      await writeBeside(target, text);
    } else {
      // A file that is mounted by itself cannot be replaced in any case: why it cannot be rewritten is the reason.
      throw isErrno(error, "EBUSY") ? ((await writingError(target)) ?? error) : error;
    }
  }
}

/** @param former the file whose owner the new one must get */
async function writeBeside(target: string, text: string, former?: Stats): Promise<void> {
  const folder = path.dirname(target);
  const temporary = path.join(folder, unfinishedName());
  try {
    await writeSynced(temporary, text, former && ((handle) => keepOwner(handle, former)));
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

async function keepOwner(handle: FileHandle, former: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid === former.uid && own.gid === former.gid) {
    return;
  }
  try {
    await handle.chown(former.uid, former.gid);
  } catch {
    // Only root can change a file's owner. A group without permissions need not be preserved.
    if (own.uid !== former.uid) {
      throw new ForeignOwnerError("it belongs to another user");
    }
  }
}

async function statIfThere(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (isErrno(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  }
}

/** Why the file cannot be written; undefined if it can. */
async function writingError(file: string): Promise<Error | undefined> {
  try {
    const handle = await open(file, constants.O_WRONLY | constants.O_NONBLOCK);
    await handle.close();
    return undefined;
  } catch (error) {
    return toError(error);
  }
}

/**
 * Creates a folder, mode 0700, with one file.
 * @throws ENOTEMPTY or EEXIST if it exists and is not empty; ENOTDIR if it is a file
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

/** Removes a folder and its content; it is renamed away before its first file is deleted. */
export async function removeFolder(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  const doomed = path.join(parent, unfinishedName());
  await rename(folder, doomed);
  await syncFolder(parent);
  // Mounts and files of other users cannot be removed, but the folder's name is free.
  await rm(doomed, { recursive: true, force: true }).catch(() => undefined);
}
