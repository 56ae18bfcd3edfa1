/** Hashes of passwords (scrypt, RFC 7914), in a text that says how it was made. */
import { randomBytes, scrypt as scryptWithCallback, type ScryptOptions, timingSafeEqual } from "node:crypto";

/** 16 MB and some 50 ms. */
const cost = { N: 16_384, r: 8, p: 1 } as const;
const saltBytes = 16;
const hashBytes = 32;

const form = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await scrypt(password, salt, cost);
  const { N, r, p } = cost;
  return ["scrypt", N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** False for a text that is no hash of this form, too. */
export async function verifyPassword(password: string, kept: string): Promise<boolean> {
  const [, N, r, p, salt, hash] = form.exec(kept) ?? [];
  if (salt === undefined || hash === undefined) {
    return false;
  }
  const wanted = Buffer.from(hash, "base64url");
  const given = await scrypt(password, Buffer.from(salt, "base64url"), { N: Number(N), r: Number(r), p: Number(p) });
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

export function isPasswordHash(text: string): boolean {
  return form.test(text);
}

function scrypt(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scryptWithCallback(password, salt, hashBytes, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
