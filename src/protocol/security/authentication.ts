/** Authentication algorithms of RAKP (IPMI 2.0 §13.28, table 13-17): one row each. */
import { hmacs } from "./keyedHash.js";

export interface AuthenticationAlgorithm {
  readonly id: number;
  readonly name: string;
  /** Key exchange authentication code in RAKP 2 and 3, bytes. */
  readonly authCodeLength: number;
  /** Integrity check value in RAKP 4, bytes. */
  readonly integrityCheckLength: number;
  readonly hmac: (key: Buffer, ...parts: readonly Buffer[]) => Buffer;
}

function hmacWith(hash: keyof typeof hmacs): AuthenticationAlgorithm["hmac"] {
  return (key, ...parts) => Buffer.from(hmacs[hash](key)(Buffer.concat(parts)));
}

const none = Buffer.alloc(0);

export const authenticationAlgorithms: readonly AuthenticationAlgorithm[] = [
  { id: 0, name: "RAKP-none", authCodeLength: 0, integrityCheckLength: 0, hmac: () => none },
  { id: 1, name: "RAKP-HMAC-SHA1", authCodeLength: 20, integrityCheckLength: 12, hmac: hmacWith("sha1") },
  { id: 2, name: "RAKP-HMAC-MD5", authCodeLength: 16, integrityCheckLength: 16, hmac: hmacWith("md5") },
  { id: 3, name: "RAKP-HMAC-SHA256", authCodeLength: 32, integrityCheckLength: 16, hmac: hmacWith("sha256") },
];
