/** Confidentiality algorithms of RMCP+ payloads (IPMI 2.0 §13.28.5, §13.29, table 13-19): one row each. */
import { createCipheriv, createDecipheriv } from "node:crypto";

export interface PayloadCipher {
  readonly encrypt: (payload: Buffer) => Buffer;
  /** undefined if length or padding violate §13.29. */
  readonly decrypt: (payload: Buffer) => Buffer | undefined;
}

export interface ConfidentialityAlgorithm {
  readonly id: number;
  readonly name: string;
  /** A cipher for one session; `randomBytes` generates initialization vectors. */
  readonly createCipher: (k2: Buffer, randomBytes: (size: number) => Buffer) => PayloadCipher;
}

const blockLength = 16;

/**
 * AES-CBC-128 (§13.29): IV, then data, pad bytes 01h 02h … and the pad length, up to a whole block. Each direction is
 * one CBC stream that continues across all messages, which saves creating a cipher for each. A random block before the
 * data encrypts to the message's IV, unpredictable as NIST SP 800-38A appendix C requires. When receiving, the IV
 * decrypts to a meaningless block, and what follows does not depend on earlier messages.
 */
function aesCbc128(k2: Buffer, randomBytes: (size: number) => Buffer): PayloadCipher {
  const key = k2.subarray(0, blockLength);
  const anyIv = Buffer.alloc(blockLength);
  const cipher = createCipheriv("aes-128-cbc", key, anyIv).setAutoPadding(false);
  const decipher = createDecipheriv("aes-128-cbc", key, anyIv).setAutoPadding(false);
  return {
    encrypt: (payload) => {
      const padLength = -(payload.length + 1) & (blockLength - 1);
      const plain = Buffer.allocUnsafe(blockLength + payload.length + padLength + 1);
      plain.set(randomBytes(blockLength));
      plain.set(payload, blockLength);
      for (let index = 0; index < padLength; index++) {
        plain[blockLength + payload.length + index] = index + 1;
      }
      plain[plain.length - 1] = padLength;
      return cipher.update(plain);
    },
    decrypt: (payload) => {
      if (payload.length < 2 * blockLength || payload.length % blockLength !== 0) {
        return undefined;
      }
      const plain = decipher.update(payload);
      const padLength = plain[plain.length - 1] ?? blockLength;
      const dataEnd = plain.length - 1 - padLength;
      return padLength < blockLength && isPad(plain, dataEnd, padLength)
        ? plain.subarray(blockLength, dataEnd)
        : undefined;
    },
  };
}

/** Whether the padding is 01h 02h … */
function isPad(plain: Buffer, start: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (plain[start + index] !== index + 1) {
      return false;
    }
  }
  return true;
}

export const confidentialityAlgorithms: readonly ConfidentialityAlgorithm[] = [
  { id: 0, name: "none", createCipher: () => ({ encrypt: (payload) => payload, decrypt: (payload) => payload }) },
  { id: 1, name: "AES-CBC-128", createCipher: aesCbc128 },
];
