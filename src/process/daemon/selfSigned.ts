/** Creates self-signed certificates; loaded only if one is needed. */
import { isIP } from "node:net";

import { generate } from "selfsigned";

import type { PemPair } from "../supervisor/pemPair.js";

/** Long enough that pinned certificates rarely change. */
const years = 10;
/** A client's clock may be behind. */
const dayMs = 24 * 60 * 60 * 1_000;

/** ECDSA on P-256, X.509 v3, for a server with these `names`: host names and IP addresses. */
export async function makeSelfSigned(names: readonly string[]): Promise<PemPair> {
  const notBeforeDate = new Date(Date.now() - dayMs);
  const notAfterDate = new Date(notBeforeDate);
  notAfterDate.setFullYear(notAfterDate.getFullYear() + years);
  const { private: key, cert: certificate } = await generate([{ name: "commonName", value: "vbmc4vsphere" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: names.map(toAlternativeName) },
    ],
  });
  return { certificate, key };
}

/** GeneralName of RFC 5280 §4.2.1.6: 2 is dNSName, 7 iPAddress. */
function toAlternativeName(name: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}
