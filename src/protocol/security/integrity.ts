/** Integrity algorithms of RMCP+ packets (IPMI 2.0 §13.28.4, table 13-18): one row each. */
import { createHash } from "node:crypto";

import { hmac } from "@noble/hashes/hmac";
import { md5, sha1 } from "@noble/hashes/legacy";
import { sha256 } from "@noble/hashes/sha2";

/** Returns the AuthCode of the bytes that the packet's trailer covers; it is valid until the next call. */
export type Signer = (covered: Buffer) => Buffer;

export interface IntegrityAlgorithm {
  readonly id: number;
  readonly name: string;
  readonly authCodeLength: number;
  /** A signer for one session: `k1` keys the HMACs, MD5-128 uses the user's password (20 bytes, zero-padded). */
  readonly createSigner: (k1: Buffer, password: Buffer) => Signer;
}

/**
 * The HMAC state after hashing the key is stored and copied for each packet. node:crypto cannot do that: what it
 * creates for each HMAC costs more than the hash itself.
 */
function hmacSigner(hash: typeof sha1, length: number): IntegrityAlgorithm["createSigner"] {
  const scratch = hmac.create(hash, new Uint8Array());
  const digest = Buffer.alloc(hash.outputLen);
  const code = digest.subarray(0, length);
  return (k1) => {
    const keyed = hmac.create(hash, k1);
    return (covered) => {
      keyed._cloneInto(scratch);
      // A view of the bytes without Buffer's own `subarray`, which is slow.
      scratch.update(new Uint8Array(covered.buffer, covered.byteOffset, covered.length)).digestInto(digest);
      return code;
    };
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
  { id: 1, name: "HMAC-SHA1-96", authCodeLength: 12, createSigner: hmacSigner(sha1, 12) },
  { id: 2, name: "HMAC-MD5-128", authCodeLength: 16, createSigner: hmacSigner(md5, 16) },
  { id: 3, name: "MD5-128", authCodeLength: 16, createSigner: md5Signer },
  { id: 4, name: "HMAC-SHA256-128", authCodeLength: 16, createSigner: hmacSigner(sha256, 16) },
];
