/** The storage of one BMC on disk: `NAME.json` in the VM's folder, mode 0600 because some documents hold passwords. */
import { readdirSync } from "node:fs";
import path from "node:path";

import { createKeyedQueue } from "../../base/async/serialQueue.js";
import { isErrno } from "../../base/errors.js";
import { replaceFile } from "../../io/files/atomicWrite.js";
import { fileFault } from "../../io/files/errno.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import type { BmcStorage } from "../../model/bmc/state/storage.js";
import type { StorageLog } from "./storageLog.js";

const extension = ".json";
/** Far beyond what any document needs, bytes. */
const maxDocumentBytes = 1024 * 1024;

/**
 * Reads all documents once, synchronously: using the thread pool for 500 BMCs' small files costs more than reading
 * them. Afterwards only writes access the disk. A file that cannot be read is set aside, so that its BMC starts without
 * it.
 */
export function openStorage(folder: string, storageLog: StorageLog): BmcStorage {
  const fileOf = (document: string): string => path.join(folder, `${document}${extension}`);
  const documents = new Map<string, unknown>();
  for (const name of filesIn(folder).filter((each) => each.endsWith(extension) && !each.startsWith("."))) {
    const document = path.basename(name, extension);
    try {
      documents.set(document, JSON.parse(readRegularFile(fileOf(document), maxDocumentBytes).toString()));
    } catch (error) {
      passOver(fileOf(document), error, storageLog);
    }
  }

  /** Writes of one document are serialised, so the last one requested is the one that stays. */
  const writes = createKeyedQueue();

  async function write(document: string, text: string): Promise<void> {
    try {
      await replaceFile(fileOf(document), text);
    } catch (error) {
      throw storageLog.failed(error, fileOf(document));
    }
    storageLog.succeeded();
    documents.set(document, JSON.parse(text));
  }

  return {
    read: (document) => documents.get(document),
    write: (document, value) => {
      const text = `${JSON.stringify(value, undefined, 2)}\n`;
      return writes.run(document, () => write(document, text));
    },
    setAside: (document, reason) => {
      documents.delete(document);
      storageLog.setAside(fileOf(document), reason);
    },
  };
}

/**
 * Sets aside a file that cannot be read.
 * @throws errors not caused by the file itself: it may be readable next time
 */
export function passOver(file: string, error: unknown, storageLog: StorageLog): void {
  if (isErrno(error, "EMFILE", "ENFILE", "ENOMEM")) {
    throw error;
  }
  // A dangling link has no content.
  if (!isErrno(error, "ENOENT")) {
    storageLog.setAside(file, fileFault(error));
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
