import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";

/** A folder of its own for a test file, removed after its last test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "vbmc-test-"));
  // A program that is told to end may still be writing.
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }));
  return folder;
}
