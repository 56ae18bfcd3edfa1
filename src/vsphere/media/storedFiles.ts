/** Our files on datastores: who uses them, and deletion of those that are unused. */
import { toMachineError } from "../faults.js";
import type { MoRef } from "../moRef.js";
import type { VimSession } from "../session.js";
import { parseDatastorePath } from "./datastorePath.js";
import { deleteFile, fileSize } from "./fileManager.js";
import { findDatacenter, isFileUsed } from "./imageUsers.js";
import type { Library, StoredImage } from "./library.js";

export interface StoredFilesOptions {
  readonly session: () => VimSession;
  readonly library: Library;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

export interface StoredFiles {
  /** Reserves the file for a caller that is about to insert it; the result releases it. */
  readonly hold: (path: string) => () => void;
  /** Whether the file is there, whole, and stays. */
  readonly isThere: (image: StoredImage, browser: MoRef) => Promise<boolean>;
  /** Runs `work`, which writes the file; a part of it that is left over when that fails is deleted. */
  readonly write: <T>(image: StoredImage, browser: MoRef, work: () => Promise<T>) => Promise<T>;
  /** Deletes a file that no caller has received yet. */
  readonly discard: (image: Pick<StoredImage, "dcPath" | "path">) => Promise<void>;
  /** Deletes the file if no drive has it and no caller is about to insert it. Never rejects. */
  readonly release: (image: StoredImage) => Promise<void>;
}

const maxRemovals = 4;
const removalPauseMs = 500;

export function createStoredFiles({ session, library, log }: StoredFilesOptions): StoredFiles {
  /** How often each is held. */
  const held = new Map<string, number>();
  /** About to be deleted: they are not given to callers any longer. */
  const leaving = new Set<string>();
  const growing = new Set<string>();

  function count(path: string, change: 1 | -1): void {
    const holders = (held.get(path) ?? 0) + change;
    if (holders > 0) {
      held.set(path, holders);
    } else {
      held.delete(path);
    }
  }

  /** Returns whether it is gone. */
  async function remove({ path, dcPath }: Pick<StoredImage, "dcPath" | "path">): Promise<boolean> {
    try {
      const datacenter = await findDatacenter(session(), dcPath);
      if (datacenter) {
        await deleteFile(session(), parseDatastorePath(path), datacenter);
      }
      return datacenter !== undefined;
    } catch (error) {
      log("a stored image could not be deleted, which is tried again at the next start", {
        path,
        reason: toMachineError(error).message,
      });
      return false;
    }
  }

  async function discard(image: Pick<StoredImage, "dcPath" | "path">): Promise<void> {
    if (await remove(image)) {
      await library.forget(image.path);
    }
  }

  /** A host may have the file open for a moment still, and keep what has come so far when it closes it. */
  async function removePart(image: StoredImage, browser: MoRef): Promise<void> {
    for (let left = maxRemovals; left > 0; left--) {
      const isGone = await remove(image);
      const look = fileSize(session(), browser, parseDatastorePath(image.path));
      const size = await look.catch((error: unknown) => toMachineError(error));
      if (isGone && size === undefined) {
        await library.forget(image.path);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, removalPauseMs));
    }
  }

  /** Asks the devices of all VMs, since others may have inserted it too. */
  async function release(image: StoredImage): Promise<void> {
    const { path, dcPath, content } = image;
    if (growing.has(path) || held.has(path) || leaving.has(path)) {
      return;
    }
    leaving.add(path);
    try {
      const datacenter = content && (await findDatacenter(session(), dcPath));
      if (datacenter && (await isFileUsed(session(), datacenter, parseDatastorePath(path)))) {
        return;
      }
      if (!held.has(path)) {
        await discard(image);
      }
    } catch (error) {
      log("it is not known whether a stored image is still used: it stays", {
        path,
        reason: toMachineError(error).message,
      });
    } finally {
      leaving.delete(path);
    }
  }

  return {
    hold: (path) => {
      let isHeld = true;
      count(path, 1);
      return () => {
        if (isHeld) {
          isHeld = false;
          count(path, -1);
        }
      };
    },
    isThere: async ({ path, content }, browser) => {
      const size = await fileSize(session(), browser, parseDatastorePath(path));
      return size !== undefined && size === content?.size && !leaving.has(path);
    },
    write: async (image, browser, work) => {
      growing.add(image.path);
      try {
        // Noted before its first byte is sent: whatever happens, it is not forgotten.
        await library.begin(image);
        return await work();
      } catch (error) {
        await removePart(image, browser);
        throw error;
      } finally {
        growing.delete(image.path);
      }
    },
    discard,
    release,
  };
}
