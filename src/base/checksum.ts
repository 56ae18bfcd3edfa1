/**
 * The 2's complement checksum (IPMI 2.0 §13.8) of the bytes from `start` to before `end`: they and their checksum add up
 * to 0 modulo 256.
 */
export function checksum(bytes: Buffer, start = 0, end = bytes.length): number {
  let sum = 0;
  for (let index = start; index < end; index++) {
    sum += bytes[index] ?? 0;
  }
  return -sum & 0xff;
}
