/**
 * Which serial port of the VM `--setup` has made the console, where nothing in the port says so: one with a direct
 * connection. Its service URI is kept in the BMC's folder, so that a later set-up changes that port and adds no other.
 */
import { rmSync } from "node:fs";
import path from "node:path";

import { replaceFile } from "../../../io/files/atomicWrite.js";
import { fileFault } from "../../../io/files/errno.js";
import { readRegularFile } from "../../../io/files/regularFile.js";
import type { Log } from "../../../io/log/log.js";
import { tokenIn } from "../../ipc/serviceUri.js";

const fileName = "console-port";
const maxFileBytes = 1_024;
const pattern = /^(?:tcp|telnet):\/\/\S+$/;

/** null: there is none, or its file is unusable. */
export function keptPort(folder: string): string | null {
  try {
    const text = readRegularFile(path.join(folder, fileName), maxFileBytes).toString().trim();
    return pattern.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** @param serviceUri of the port now; undefined: it was removed. Never rejects. */
export async function keepPort(folder: string, serviceUri: string | undefined, log: Log): Promise<void> {
  const file = path.join(folder, fileName);
  const next = serviceUri === undefined || tokenIn(serviceUri) !== undefined ? null : serviceUri;
  if (next === keptPort(folder)) {
    return;
  }
  try {
    if (next === null) {
      rmSync(file, { force: true });
    } else {
      await replaceFile(file, `${next}\n`);
    }
  } catch (error) {
    log.warn(
      { reason: fileFault(error) },
      `${file} cannot be changed: when the console is reached in another way, take the old serial port away in vSphere`,
    );
  }
}
