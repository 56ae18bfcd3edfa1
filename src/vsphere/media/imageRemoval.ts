/** Deletes stored images that nothing needs any more, and no other file. */
import { toMachineError } from "../faults.js";
import type { VimSession } from "../session.js";
import { parseDatastorePath } from "./datastorePath.js";
import type { DatastorePlace } from "./datastores.js";
import { deleteFile, fileSize } from "./fileManager.js";
import type { ImageUse } from "./imageUse.js";
import { findDatacenter, isFileUsed } from "./imageUsers.js";
import type { Library, StoredImage } from "./library.js";

export interface ImageRemovalOptions {
  readonly session: () => VimSession;
  readonly library: Library;
  readonly use: ImageUse;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

export interface ImageRemoval {
  /** What has come of an upload that failed. */
  readonly part: (path: string, dcPath: string, datastore: DatastorePlace) => Promise<void>;
  /** A complete file that nobody has been given. */
  readonly unneeded: (path: string, dcPath: string) => Promise<void>;
  /** Deletes it unless it is used. Never rejects. */
  readonly unused: (image: StoredImage) => Promise<void>;
}

const maxRemovals = 4;
const removalPauseMs = 500;

export function createImageRemoval(options: ImageRemovalOptions): ImageRemoval {
  const { session, library, use, log } = options;

  async function unneeded(path: string, dcPath: string): Promise<void> {
    if (await removeFile(options, path, dcPath)) {
      await library.forget(path);
    }
  }

  /** Asks the devices of all VMs, since others may have inserted it too. */
  async function removeUnlessUsed({ path, dcPath, content }: StoredImage): Promise<void> {
    try {
      const datacenter = content && (await findDatacenter(session(), dcPath));
      if (datacenter && (await isFileUsed(session(), datacenter, parseDatastorePath(path)))) {
        return;
      }
      if (!use.isHeld(path)) {
        await unneeded(path, dcPath);
      }
    } catch (error) {
      log("it is not known whether a stored image is still used: it stays", {
        path,
        reason: toMachineError(error).message,
      });
    }
  }

  return {
    /** A host may have the file open for a moment still, and keep what has come so far when it closes it. */
    part: async (path, dcPath, { browser }) => {
      for (let left = maxRemovals; left > 0; left--) {
        const isGone = await removeFile(options, path, dcPath);
        const size = await fileSize(session(), browser, parseDatastorePath(path)).catch(() => undefined);
        if (isGone && size === undefined) {
          await library.forget(path);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, removalPauseMs));
      }
    },
    unneeded,
    unused: (image) => use.whileLeaving(image.path, () => removeUnlessUsed(image)),
  };
}

/** Returns whether it is gone. */
async function removeFile({ session, log }: ImageRemovalOptions, path: string, dcPath: string): Promise<boolean> {
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
