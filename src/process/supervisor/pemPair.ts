/** A certificate and its private key, as PEM, and what can be wrong with them. */
import { createPrivateKey, X509Certificate } from "node:crypto";

export interface PemPair {
  /** May be followed by those of the authorities between. */
  readonly certificate: string;
  readonly key: string;
}

/** A pair that fits. */
export interface ServiceCertificate extends PemPair {
  /** SHA-256, hex digits with colons, as openssl and vSphere show it. */
  readonly fingerprint: string;
  /** The older fingerprint, which is what a VM's serial port can pin. */
  readonly sha1: string;
  readonly validTo: Date;
}

/** Half a sentence: what is wrong with the certificate or the key. */
export class PemError extends Error {
  override readonly name = "PemError";
}

/** @throws PemError */
export function checkPair({ certificate, key }: PemPair): ServiceCertificate {
  const read = attempt("there is no PEM certificate in it", () => new X509Certificate(certificate));
  const privateKey = attempt("there is no PEM key without a passphrase in it", () => createPrivateKey(key));
  if (!read.checkPrivateKey(privateKey)) {
    throw new PemError("the key is not that of the certificate");
  }
  return {
    certificate,
    key,
    fingerprint: read.fingerprint256,
    sha1: read.fingerprint,
    validTo: new Date(read.validTo),
  };
}

/** The text of OpenSSL says less than nothing to most people. */
function attempt<T>(fault: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new PemError(fault);
  }
}
