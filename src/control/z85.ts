/** Z85 (ZeroMQ RFC 32): text form of CURVE keys. */

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** Five characters encode four bytes. */
export function decodeZ85(text: string): Buffer {
  const bytes = Buffer.alloc((text.length / 5) * 4);
  for (let group = 0; group * 5 < text.length; group++) {
    const value = Array.from(text.slice(group * 5, group * 5 + 5)).reduce(
      (sum, character) => sum * 85 + alphabet.indexOf(character),
      0,
    );
    bytes.writeUInt32BE(value, group * 4);
  }
  return bytes;
}
