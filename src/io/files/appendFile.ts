/** Appends to a file durably: the text survives a power failure. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";

import { syncFolder } from "./synced.js";

/** Does not block if the file has become a pipe. */
const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NONBLOCK;

/** Creates the file, mode 0600, if it is missing. If it rejects, part of `text` may have been written. */
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
