/** The 2's complement checksum (IPMI 2.0 §13.8): the bytes and their checksum add up to 0 modulo 256. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) {
    sum += byte;
  }
  return -sum & 0xff;
}
