/** Per-message authentication of IPMI 1.5 sessions (IPMI 2.0 §22.17.1). */
import { createHash } from "node:crypto";

const passwordLength = 16;

/** IPMI 1.5 supports passwords of up to 16 bytes; undefined for a longer one. */
export function padPassword(password: Buffer): Buffer | undefined {
  if (password.length > passwordLength) {
    return undefined;
  }
  const padded = Buffer.alloc(passwordLength);
  padded.set(password);
  return padded;
}

/** MD5(password | session ID | message | sequence number | password). */
function md5AuthCode(password: Buffer, sessionId: number, sequence: number, message: Buffer): Buffer {
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(sessionId, 0);
  numbers.writeUInt32LE(sequence, 4);
  return createHash("md5")
    .update(password)
    .update(numbers.subarray(0, 4))
    .update(message)
    .update(numbers.subarray(4))
    .update(password)
    .digest();
}

type AuthCode = (password: Buffer, sessionId: number, sequence: number, message: Buffer) => Buffer;

const none = Buffer.alloc(0);

/** By authentication type name; `id` is its number in packets (table 13-8). */
export const ipmi15Authentication: Readonly<
  Record<"none" | "md5" | "password", { readonly id: number; readonly authCode: AuthCode }>
> = {
  none: { id: 0x00, authCode: () => none },
  md5: { id: 0x02, authCode: md5AuthCode },
  password: { id: 0x04, authCode: (password) => password },
};
