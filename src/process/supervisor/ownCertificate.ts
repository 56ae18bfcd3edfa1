/** The default certificate of a daemon: self-signed, created once, stored with its key in config_dir. */
import { isErrno } from "../../base/errors.js";
import { fileFault } from "../../io/files/errno.js";
import { makeOnce } from "../../io/files/makeOnce.js";
import { readRegularFile } from "../../io/files/regularFile.js";
import { setAside } from "../../io/files/setAside.js";
import type { Log } from "../../io/log/log.js";
import { checkPair, PemError, type PemPair, type ServiceCertificate } from "./pemPair.js";

/** Far beyond a key and a certificate with a hundred names, bytes. */
const maxFileBytes = 64 * 1_024;

/**
 * Certificate and key in `file`, created with `make` if missing. If they cannot be stored, they are used for this
 * process only.
 * @param words who shows it, plural
 */
export async function ownCertificate(
  file: string,
  words: string,
  make: () => Promise<PemPair>,
  log: Log,
): Promise<ServiceCertificate> {
  const kept = readOrSetAside(file, log);
  if (kept) {
    return kept;
  }
  const made = checkPair(await make());
  try {
    await makeOnce(file, `${made.key.trim()}\n${made.certificate.trim()}\n`);
    // Another daemon on the same folder may have been faster.
    return readOrSetAside(file, log) ?? made;
  } catch (error) {
    const reason = fileFault(error);
    log.warn(`${file} cannot be written: ${reason}: the certificate of ${words} changes with each start`);
    return made;
  }
}

/** undefined if there is no usable one. */
function readOrSetAside(file: string, log: Log): ServiceCertificate | undefined {
  try {
    const pem = readRegularFile(file, maxFileBytes).toString();
    const read = checkPair({ certificate: pem, key: pem });
    if (read.validTo.getTime() < Date.now()) {
      throw new PemError("it has expired");
    }
    return read;
  } catch (error) {
    if (isErrno(error, "ENOENT")) {
      return undefined;
    }
    const reason = error instanceof PemError ? error.message : fileFault(error);
    const fault = setAside(file);
    const outcome = fault === undefined ? "it was renamed" : `it cannot be renamed: ${fault}`;
    log.warn(`${file} is unusable: ${reason}; ${outcome}, and a new certificate was created`);
    return undefined;
  }
}
