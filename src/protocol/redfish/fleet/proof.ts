/**
 * Proves to a BMC that the client has its account, without the password itself: created at login, valid at every BMC
 * that has the account until its password changes. `SALT.HMAC-SHA256(SALT, NAME 00h PASSWORD)`, base64url.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const saltBytes = 16;

export function makeProof(userName: string, password: string): string {
  return proofOf(randomBytes(saltBytes), userName, Buffer.from(password));
}

export function isProofOf(proof: string, userName: string, password: Buffer): boolean {
  const salt = Buffer.from(proof.split(".", 1)[0] ?? "", "base64url");
  const [given, wanted] = [Buffer.from(proof), Buffer.from(proofOf(salt, userName, password))];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function proofOf(salt: Buffer, userName: string, password: Buffer): string {
  const hmac = createHmac("sha256", salt).update(userName).update("\0").update(password);
  return `${salt.toString("base64url")}.${hmac.digest("base64url")}`;
}
