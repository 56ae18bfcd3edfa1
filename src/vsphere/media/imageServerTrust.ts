/** Which certificates of image servers are accepted. */
import { X509Certificate } from "node:crypto";
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate, rootCertificates } from "node:tls";

/** Trusted ones count besides the well-known authorities. Throws for what is no certificate. */
export function tlsOptions(
  verifiesCertificate: boolean,
  trusted: readonly string[],
): Pick<ConnectionOptions, "ca" | "checkServerIdentity" | "rejectUnauthorized"> {
  if (!verifiesCertificate || trusted.length === 0) {
    return { rejectUnauthorized: verifiesCertificate };
  }
  const fingerprints = trusted.map((pem) => new X509Certificate(pem).fingerprint256);
  return {
    rejectUnauthorized: true,
    ca: [...rootCertificates, ...trusted],
    // Who gives a server's own certificate knows the server: self-signed ones often lack its name or address.
    checkServerIdentity: (host: string, certificate: PeerCertificate) =>
      fingerprints.includes(certificate.fingerprint256) ? undefined : checkServerIdentity(host, certificate),
  };
}
