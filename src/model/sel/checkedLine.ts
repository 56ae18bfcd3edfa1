/** Lines of a journal with a checksum each, which detects torn and damaged lines. */
import { createHash } from "node:crypto";

const checksumLength = 8;

export function withChecksum(line: string): string {
  return `${line} ${createHash("sha256").update(line).digest("hex").slice(0, checksumLength)}`;
}

/** undefined if the line is damaged. */
export function payloadOf(line: string): string | undefined {
  const payload = line.slice(0, -checksumLength - 1);
  return line === withChecksum(payload) ? payload : undefined;
}
