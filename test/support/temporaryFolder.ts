import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";

import { isErrno } from "../../src/base/errors.js";

const removalTimeoutMs = 10_000;

/** A folder of its own for a test file, removed after its last test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "vbmc-test-"));
  after(() => removeFolder(folder));
  return folder;
}

/**
 * Removes a folder that a program which was asked to end may still write to. `rm` lists a folder once, so that its
 * `maxRetries` never succeed after a file was added: the whole removal is tried again, for 10 s at most.
 */
export async function removeFolder(folder: string): Promise<void> {
  const end = Date.now() + removalTimeoutMs;
  for (;;) {
    try {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      return;
    } catch (error) {
      if (!isErrno(error, "ENOTEMPTY") || Date.now() > end) {
        throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
