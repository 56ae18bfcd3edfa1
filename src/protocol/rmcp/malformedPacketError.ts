/** A datagram that contradicts its own headers: it is dropped, and `message` goes to the debug log. */
export class MalformedPacketError extends Error {
  override readonly name = "MalformedPacketError";
}

/** Throws MalformedPacketError if `bytes` is shorter than `length` bytes. */
export function requireLength(bytes: Buffer, length: number, what: string): void {
  if (bytes.length < length) {
    throw new MalformedPacketError(`${what} of ${bytes.length} bytes is shorter than ${length}`);
  }
}

/** Throws MalformedPacketError if `bytes` is longer than `length` bytes. */
export function refuseLonger(bytes: Buffer, length: number, what: string): void {
  if (bytes.length > length) {
    throw new MalformedPacketError(`${what} of ${bytes.length} bytes is longer than ${length}`);
  }
}
