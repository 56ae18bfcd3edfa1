/** Whether a vCenter's certificate is trusted: decided before a single byte is sent to it. */
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { VimTransportError } from "./vimErrors.js";

export interface TrustPolicy {
  /** A pinned fingerprint, SHA-256 or SHA-1, with or without colons. */
  readonly thumbprint?: string;
  /** Any certificate will do. */
  readonly insecure?: boolean;
  /** The SHA-256 fingerprint seen at the first successful login; undefined before. */
  readonly remembered: () => string | undefined;
}

/** undefined when trusted; else the error that says why not and what to do. */
export function distrust(
  { authorized }: Pick<TLSSocket, "authorized">,
  certificate: X509Certificate | undefined,
  host: string,
  policy: TrustPolicy,
): VimTransportError | undefined {
  if (policy.insecure === true) {
    return undefined;
  }
  if (!certificate) {
    return new VimTransportError("certificate", `${host} shows no certificate`);
  }
  if (policy.thumbprint !== undefined) {
    return isMatch(certificate, policy.thumbprint)
      ? undefined
      : refusal(host, certificate, "is not the one that viserver_thumbprint pins");
  }
  const remembered = policy.remembered();
  // Trust on first use; a certificate that a known authority vouches for needs no pin, and may be renewed.
  if (authorized || remembered === undefined || isMatch(certificate, remembered)) {
    return undefined;
  }
  return refusal(host, certificate, "has changed since the first login");
}

function refusal(host: string, { fingerprint256 }: X509Certificate, what: string): VimTransportError {
  return new VimTransportError(
    "certificate",
    `the certificate of ${host} ${what}; no password was sent. It is now SHA-256 ${fingerprint256}`,
  );
}

function isMatch(certificate: X509Certificate, pin: string): boolean {
  const wanted = plain(pin);
  return plain(certificate.fingerprint256) === wanted || plain(certificate.fingerprint) === wanted;
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
