/** Telnet as far as a serial port over TCP needs it (RFC 854, RFC 855). */

/** RFC 854, "TELNET commands"; the names are the RFC's. */
export const telnet = {
  SE: 0xf0,
  BRK: 0xf3,
  SB: 0xfa,
  WILL: 0xfb,
  WONT: 0xfc,
  DO: 0xfd,
  DONT: 0xfe,
  IAC: 0xff,
} as const;

/** BINARY: RFC 856, ECHO: RFC 857, SGA (Suppress Go Ahead): RFC 858; VMWARE: VMware's telnet extension. */
export const options = { BINARY: 0, ECHO: 1, SGA: 3, VMWARE: 0xe8 } as const;

export type Verb = "WILL" | "WONT" | "DO" | "DONT";

/** IAC BRK. */
export const breakSequence: Buffer = Buffer.from([telnet.IAC, telnet.BRK]);

export function encodeOption(verb: Verb, option: number): Buffer {
  return Buffer.from([telnet.IAC, telnet[verb], option]);
}

/** IAC SB option … IAC SE. */
export function encodeSubnegotiation(option: number, content: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from([telnet.IAC, telnet.SB, option]),
    escapeData(content),
    Buffer.from([telnet.IAC, telnet.SE]),
  ]);
}

/** The bytes with each FFh doubled; the same bytes, not copied, where there is none. */
export function escapeData(bytes: Uint8Array): Uint8Array {
  const first = bytes.indexOf(telnet.IAC);
  if (first === -1) {
    return bytes;
  }
  const escaped = Buffer.allocUnsafe(first + 2 * (bytes.length - first));
  escaped.set(bytes.subarray(0, first));
  let length = first;
  for (const byte of bytes.subarray(first)) {
    escaped[length++] = byte;
    if (byte === telnet.IAC) {
      escaped[length++] = byte;
    }
  }
  return escaped.subarray(0, length);
}
