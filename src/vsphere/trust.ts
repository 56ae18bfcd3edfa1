/** Decides whether a vCenter's certificate is trusted, before a single byte is sent to it. */
import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

import { VimTransportError } from "./vimErrors.js";

export interface TrustPolicy {
  /** A pinned fingerprint, SHA-256 or SHA-1, with or without colons. */
  readonly thumbprint?: string;
  /** Accepts any certificate. */
  readonly insecure?: boolean;
  /** The user has configured the authorities: certificates of others are refused. */
  readonly needsAuthority?: boolean;
  /** The SHA-256 fingerprint seen first; undefined before. */
  readonly remembered: () => string | undefined;
}

/** undefined if trusted; else an error with the reason and the remedy. */
export function distrust(
  { authorized, authorizationError }: Pick<TLSSocket, "authorized" | "authorizationError">,
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
    return isSameFingerprint(policy.thumbprint, certificate)
      ? undefined
      : refusal(
          host,
          certificate,
          "is not the one that viserver_thumbprint pins",
          "pin it with vbmc set --viserver-thumbprint",
        );
  }
  // A certificate signed by a trusted authority needs no pin, and may be renewed.
  if (authorized) {
    return undefined;
  }
  if (policy.needsAuthority === true) {
    // Node's types say Error, but Node sets the error's code.
    return refusal(host, certificate, ...unvouched(String(authorizationError), certificate));
  }
  const remembered = policy.remembered();
  return remembered === undefined || isSameFingerprint(remembered, certificate)
    ? undefined
    : refusal(host, certificate, changed(certificate), "accept it with vbmc trust NAME");
}

function changed(certificate: X509Certificate): string {
  const expired = expiry(certificate);
  return `has changed since the first login${expired === undefined ? "" : `, and ${expired}`}`;
}

/** The problem of a certificate without a trusted authority, and the remedy; `code` is Node's. */
function unvouched(code: string, certificate: X509Certificate): readonly [what: string, remedy: string] {
  const expired = expiry(certificate);
  switch (code) {
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return ["is for another name", "name the server as its certificate does"];
    case "CERT_NOT_YET_VALID":
      return [`is not valid before ${certificate.validFrom}`, "set the clocks of this machine and of the server"];
    case "CERT_HAS_EXPIRED":
      return expired === undefined
        ? ["comes from an authority whose own certificate has expired", "put its new one into viserver_cafile"]
        : [expired, "renew it in vSphere, or pin it until then with vbmc set --viserver-thumbprint"];
    default:
      return [
        `is not signed by an authority in viserver_cafile${expired === undefined ? "" : `, and ${expired}`}`,
        "add its authority there",
      ];
  }
}

/** `has expired on …`; undefined while the certificate is valid. */
export function expiry({ validTo }: Pick<X509Certificate, "validTo">): string | undefined {
  const end = new Date(validTo);
  return end.getTime() < Date.now() ? `has expired on ${end.toISOString().slice(0, 10)}` : undefined;
}

function refusal(host: string, { fingerprint256 }: X509Certificate, what: string, remedy: string): VimTransportError {
  return new VimTransportError(
    "certificate",
    `the certificate of ${host} ${what}; no password was sent. It is now SHA-256 ${fingerprint256}: if that is right, ${remedy}`,
  );
}

/** `pin` is SHA-256 or SHA-1, with or without colons, in any case. */
export function isSameFingerprint(pin: string, { fingerprint, fingerprint256 }: Fingerprints): boolean {
  return [fingerprint, fingerprint256].map(plain).includes(plain(pin));
}

type Fingerprints = Pick<X509Certificate, "fingerprint" | "fingerprint256">;

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
