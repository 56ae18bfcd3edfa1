/** CURVE key pairs (ZeroMQ RFC 26) as text: 32 bytes each; the public key is derived from the secret one by X25519. */
import { createPrivateKey, createPublicKey } from "node:crypto";

import { decodeZ85 } from "./z85.js";

export interface KeyPairTexts {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** 40 characters of Z85. */
const keyText = /^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/;
/** RFC 8410: the bytes that precede a 32-byte private key. */
const privateKeyPrefix = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Whether ZeroMQ accepts both keys and they belong together. */
export function isKeyPair({ publicKey, secretKey }: KeyPairTexts): boolean {
  if (!keyText.test(publicKey) || !keyText.test(secretKey)) {
    return false;
  }
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
