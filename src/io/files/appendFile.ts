/** Adding to a file so that it survives a power failure. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";

import { syncFolder } from "./synced.js";

/** Never waits for the reader of what has become a pipe. */
const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NONBLOCK;

/** Makes the file, mode 0600, when there is none. When it rejects, a part of `text` may have been written. */
export async function appendSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, flags, 0o600);
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
