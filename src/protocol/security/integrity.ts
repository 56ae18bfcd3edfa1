/** Integrity algorithms of RMCP+ packets (IPMI 2.0 §13.28.4, table 13-18): one row each. */
import { createHash } from "node:crypto";

import { hmacs } from "./keyedHash.js";

/** Returns the AuthCode of the bytes that the packet's trailer covers; it is valid until the next call. */
export type Signer = (covered: Buffer) => Buffer;

export interface IntegrityAlgorithm {
  readonly id: number;
  readonly name: string;
  readonly authCodeLength: number;
  /** A signer for one session: `k1` keys the HMACs, MD5-128 uses the user's password (20 bytes, zero-padded). */
  readonly createSigner: (k1: Buffer, password: Buffer) => Signer;
}

function hmacSigner(createHmac: (typeof hmacs)["sha1"], length: number): IntegrityAlgorithm["createSigner"] {
  return (k1) => createHmac(k1, length);
}

function md5Signer(_k1: Buffer, password: Buffer): Signer {
  const key = Buffer.alloc(20);
  key.set(password);
  return (covered) => createHash("md5").update(key).update(covered).update(key).digest();
}

const none = Buffer.alloc(0);

export const integrityAlgorithms: readonly IntegrityAlgorithm[] = [
  { id: 0, name: "none", authCodeLength: 0, createSigner: () => () => none },
  { id: 1, name: "HMAC-SHA1-96", authCodeLength: 12, createSigner: hmacSigner(hmacs.sha1, 12) },
  { id: 2, name: "HMAC-MD5-128", authCodeLength: 16, createSigner: hmacSigner(hmacs.md5, 16) },
  { id: 3, name: "MD5-128", authCodeLength: 16, createSigner: md5Signer },
  { id: 4, name: "HMAC-SHA256-128", authCodeLength: 16, createSigner: hmacSigner(hmacs.sha256, 16) },
];
