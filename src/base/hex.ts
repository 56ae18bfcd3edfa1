/** Formats bytes in hex, as in specifications and MAC addresses. */

/** Two lower-case digits, e.g. `0f`. */
export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** The notation of the IPMI specification, e.g. `C0h`. */
export function specHex(byte: number): string {
  return `${hexByte(byte).toUpperCase()}h`;
}

/** Bytes with a colon between them, as in a MAC address. */
export function colonHex(bytes: Iterable<number>): string {
  return [...bytes].map(hexByte).join(":");
}
