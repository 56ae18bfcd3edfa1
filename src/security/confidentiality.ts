/** Confidentiality algorithms of RMCP+ payloads (IPMI 2.0 §13.28.5, §13.29, table 13-19): one row each. */
import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";

export interface PayloadCipher {
  readonly encrypt: (payload: Buffer) => Buffer;
  /** undefined when length or pad are not what §13.29 says. */
  readonly decrypt: (payload: Buffer) => Buffer | undefined;
}

export interface ConfidentialityAlgorithm {
  readonly id: number;
  readonly name: string;
  /** A cipher for one session; `randomBytes` gives initialization vectors. */
  readonly createCipher: (k2: Buffer, randomBytes: (size: number) => Buffer) => PayloadCipher;
}

const blockLength = 16;

/** AES-CBC-128 (§13.29): IV, then data, pad bytes 01h 02h … and the pad length, up to a whole block. */
function aesCbc128(k2: Buffer, randomBytes: (size: number) => Buffer): PayloadCipher {
  const key = createSecretKey(k2.subarray(0, blockLength));
  return {
    encrypt: (payload) => {
      const iv = randomBytes(blockLength);
      const padLength = -(payload.length + 1) & (blockLength - 1);
      const plain = Buffer.allocUnsafe(payload.length + padLength + 1);
      plain.set(payload);
      for (let index = 0; index < padLength; index++) {
        plain[payload.length + index] = index + 1;
      }
      plain[plain.length - 1] = padLength;
      const cipher = createCipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
      return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
    },
    decrypt: (payload) => {
      if (payload.length < 2 * blockLength || payload.length % blockLength !== 0) {
        return undefined;
      }
      const decipher = createDecipheriv("aes-128-cbc", key, payload.subarray(0, blockLength)).setAutoPadding(false);
      const plain = Buffer.concat([decipher.update(payload.subarray(blockLength)), decipher.final()]);
      const padLength = plain[plain.length - 1] ?? blockLength;
      const dataLength = plain.length - 1 - padLength;
      const isPadded =
        padLength < blockLength && plain.subarray(dataLength, -1).every((byte, index) => byte === index + 1);
      return isPadded ? plain.subarray(0, dataLength) : undefined;
    },
  };
}

export const confidentialityAlgorithms: readonly ConfidentialityAlgorithm[] = [
  { id: 0, name: "none", createCipher: () => ({ encrypt: (payload) => payload, decrypt: (payload) => payload }) },
  { id: 1, name: "AES-CBC-128", createCipher: aesCbc128 },
];
