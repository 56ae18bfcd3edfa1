/** CURVE key pairs (ZeroMQ RFC 26) as text: 32 bytes each; the public key is derived from the secret one by X25519. */
import { createPrivateKey, createPublicKey } from "node:crypto";

import { decodeZ85 } from "./z85.js";

export interface KeyPairTexts {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** RFC 8410: the bytes that precede a 32-byte private key. */
const privateKeyPrefix = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Whether both keys, of 40 characters each, encode 32 bytes and they belong together. */
export function isKeyPair({ publicKey, secretKey }: KeyPairTexts): boolean {
  try {
    const key = Buffer.concat([privateKeyPrefix, decodeZ85(secretKey)]);
    const secret = createPrivateKey({ key, format: "der", type: "pkcs8" });
    const made = createPublicKey(secret).export({ format: "der", type: "spki" });
    return made.subarray(-32).equals(decodeZ85(publicKey));
  } catch {
    // Five characters can encode more than four bytes hold.
    return false;
  }
}
