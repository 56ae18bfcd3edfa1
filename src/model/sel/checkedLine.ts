/** Lines of a journal with a checksum each, so that a torn or damaged one is known for what it is. */
import { createHash } from "node:crypto";

const checksumLength = 8;

export function withChecksum(line: string): string {
  return `${line} ${createHash("sha256").update(line).digest("hex").slice(0, checksumLength)}`;
}

/** undefined when the line is not as it was written. */
export function payloadOf(line: string): string | undefined {
  const payload = line.slice(0, -checksumLength - 1);
  return line === withChecksum(payload) ? payload : undefined;
}
