/** A Keeping that remembers what it is asked to keep. */
import assert from "node:assert/strict";

import { createStorageLog, type StorageLog } from "../../src/process/child/storageLog.js";

export interface Told {
  readonly storageLog: StorageLog;
  /** The sentences, without their fields. */
  readonly lines: readonly string[];
}

export function recordedKeeping(folder: string): Told {
  const lines: string[] = [];
  return { storageLog: createStorageLog(folder, (_level, message) => void lines.push(message)), lines };
}

/** For tests in which all goes well. */
export const quietKeeping: StorageLog = createStorageLog("", (_level, message) => assert.fail(message));
