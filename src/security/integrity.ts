/** Integrity algorithms of RMCP+ packets (IPMI 2.0 §13.28.4, table 13-18): one row each. */
import { createHash, createHmac, createSecretKey } from "node:crypto";

/** Gives the AuthCode of the bytes that the packet's trailer covers. */
export type Signer = (covered: Buffer) => Buffer;

export interface IntegrityAlgorithm {
  readonly id: number;
  readonly name: string;
  readonly authCodeLength: number;
  /** A signer for one session: `k1` keys the HMACs, MD5-128 takes the user's password (20 bytes, zero-padded). */
  readonly createSigner: (k1: Buffer, password: Buffer) => Signer;
}

function hmacSigner(hash: "sha1" | "md5" | "sha256", length: number): IntegrityAlgorithm["createSigner"] {
  return (k1) => {
    const key = createSecretKey(k1);
    return (covered) => createHmac(hash, key).update(covered).digest().subarray(0, length);
  };
}

function md5Signer(_k1: Buffer, password: Buffer): Signer {
  const key = Buffer.alloc(20);
  key.set(password);
  return (covered) => createHash("md5").update(key).update(covered).update(key).digest();
}

const none = Buffer.alloc(0);

export const integrityAlgorithms: readonly IntegrityAlgorithm[] = [
  { id: 0, name: "none", authCodeLength: 0, createSigner: () => () => none },
  { id: 1, name: "HMAC-SHA1-96", authCodeLength: 12, createSigner: hmacSigner("sha1", 12) },
  { id: 2, name: "HMAC-MD5-128", authCodeLength: 16, createSigner: hmacSigner("md5", 16) },
  { id: 3, name: "MD5-128", authCodeLength: 16, createSigner: md5Signer },
  { id: 4, name: "HMAC-SHA256-128", authCodeLength: 16, createSigner: hmacSigner("sha256", 16) },
];
