/** Adding to a file so that it survives a power failure. */
import { open } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "./atomicWrite.js";

/** Makes the file, mode 0600, when there is none. When it rejects, a part of `text` may have been written. */
export async function appendSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, "a", 0o600);
  let isNew: boolean;
  try {
    isNew = (await handle.stat()).size === 0;
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  if (isNew) {
    await syncFolder(path.dirname(file));
  }
}
