/** A certificate and its private key as PEM, and their validation. */
import { createPrivateKey, X509Certificate } from "node:crypto";

export interface PemPair {
  /** May be followed by intermediate certificates. */
  readonly certificate: string;
  readonly key: string;
}

/** A matching pair. */
export interface ServiceCertificate extends PemPair {
  /** SHA-256, hex digits with colons, as shown by openssl and vSphere. */
  readonly fingerprint: string;
  /** The SHA-1 fingerprint, which a VM's serial port can pin. */
  readonly sha1: string;
  readonly validTo: Date;
}

/** Half a sentence: the problem with the certificate or the key. */
export class PemError extends Error {
  override readonly name = "PemError";
}

/** @throws PemError */
export function checkPair({ certificate, key }: PemPair): ServiceCertificate {
  const read = attempt("it contains no PEM certificate", () => new X509Certificate(certificate));
  const privateKey = attempt("it contains no PEM key without a passphrase", () => createPrivateKey(key));
  if (!read.checkPrivateKey(privateKey)) {
    throw new PemError("the key does not match the certificate");
  }
  return {
    certificate,
    key,
    fingerprint: read.fingerprint256,
    sha1: read.fingerprint,
    validTo: new Date(read.validTo),
  };
}

/** OpenSSL's own messages help hardly anyone. */
function attempt<T>(fault: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new PemError(fault);
  }
}
