/** The keys of a session in use: creates and checks AuthCodes, encrypts and decrypts payloads. */
import { timingSafeEqual } from "node:crypto";

import type { CipherSuite } from "./cipherSuites.js";
import type { PayloadCipher } from "./confidentiality.js";
import { additionalKey } from "./rakpKeys.js";

export interface SessionProtection {
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  readonly authCodeLength: number;
  readonly authCode: (covered: Buffer) => Buffer;
  /** Compares in constant time. */
  readonly verify: (covered: Buffer, authCode: Buffer) => boolean;
  readonly cipher: PayloadCipher;
}

/** The keys of a session; `sik` and `password` are not kept if no algorithm needs them. */
export function createSessionProtection(
  suite: CipherSuite,
  sik: Buffer,
  password: Buffer,
  randomBytes: (size: number) => Buffer,
): SessionProtection {
  const authCode = suite.integrity.createSigner(additionalKey(suite.authentication, sik, 1), password);
  return {
    authenticated: suite.integrity.id !== 0,
    encrypted: suite.confidentiality.id !== 0,
    authCodeLength: suite.integrity.authCodeLength,
    authCode,
    verify: (covered, given) => areEqual(authCode(covered), given),
    cipher: suite.confidentiality.createCipher(additionalKey(suite.authentication, sik, 2), randomBytes),
  };
}

/** Compares secrets in constant time; lengths are not secret. */
export function areEqual(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}
