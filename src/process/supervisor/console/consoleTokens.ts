/** The token of each BMC that proves which VM connects: made once, kept in the BMC's folder, mode 0600. */
import { randomBytes } from "node:crypto";
import path from "node:path";

import { isErrno } from "../../../base/errors.js";
import { fileFault } from "../../../io/files/errno.js";
import { makeOnce } from "../../../io/files/makeOnce.js";
import { readRegularFile } from "../../../io/files/regularFile.js";
import { setAside } from "../../../io/files/setAside.js";
import type { Log } from "../../../io/log/log.js";

const fileName = "console-token";
const maxFileBytes = 1_024;
const tokenBytes = 24;
const pattern = /^[A-Za-z0-9_-]{16,128}$/;

/** Never rejects: a token that cannot be kept is good for this daemon, with a warning. */
export async function consoleToken(folder: string, log: Log): Promise<string> {
  const file = path.join(folder, fileName);
  const kept = readToken(file, log);
  if (kept !== undefined) {
    return kept;
  }
  const made = randomBytes(tokenBytes).toString("base64url");
  try {
    await makeOnce(file, `${made}\n`);
    // Another daemon may have been faster.
    return readToken(file, log) ?? made;
  } catch (error) {
    const reason = fileFault(error);
    log.warn(
      { reason },
      `${file} cannot be kept: the VM's serial port has to be set up again after each start of vbmcd`,
    );
    return made;
  }
}

/** undefined where there is none that is of use. */
function readToken(file: string, log: Log): string | undefined {
  let reason: string;
  try {
    const token = readRegularFile(file, maxFileBytes).toString().trim();
    if (pattern.test(token)) {
      return token;
    }
    reason = "it holds no token";
  } catch (error) {
    if (isErrno(error, "ENOENT")) {
      return undefined;
    }
    reason = fileFault(error);
  }
  const fault = setAside(file);
  const outcome = fault === undefined ? "it was renamed" : `it cannot be renamed: ${fault}`;
  log.warn(
    `${file} is unusable: ${reason}; ${outcome}, and a new token was created: set up the VM's serial port again`,
  );
  return undefined;
}
