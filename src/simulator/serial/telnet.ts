/** Telnet (RFC 854) as the VM's end of a serial port speaks it: bytes to events, whatever the pieces they come in. */

/** RFC 854 commands. */
export const iac = 0xff;
export const dont = 0xfe;
export const doIt = 0xfd;
export const wont = 0xfc;
export const will = 0xfb;
const subnegotiationBegin = 0xfa;
const subnegotiationEnd = 0xf0;
export const breakCommand = 0xf3;

export type TelnetEvent =
  | { readonly kind: "data"; readonly bytes: Buffer }
  /** `verb` is one of DO, DONT, WILL and WONT. */
  | { readonly kind: "option"; readonly verb: number; readonly option: number }
  | { readonly kind: "subnegotiation"; readonly option: number; readonly bytes: Buffer }
  | { readonly kind: "command"; readonly code: number };

/** Of a subnegotiation: what goes on for longer is no telnet. */
const maxSubnegotiationLength = 4_096;

type State = "data" | "command" | "option" | "subnegotiation" | "subnegotiationCommand";

/** Throws for a subnegotiation without an end. */
export function createTelnetDecoder(): (chunk: Buffer) => TelnetEvent[] {
  let state: State = "data";
  let verb = 0;
  let collected: number[] = [];

  function endOfSubnegotiation(): TelnetEvent[] {
    const [option, ...bytes] = collected;
    collected = [];
    return option === undefined ? [] : [{ kind: "subnegotiation", option, bytes: Buffer.from(bytes) }];
  }

  function onByte(byte: number): TelnetEvent[] {
    switch (state) {
      case "data":
        state = "command";
        return [];
      case "command":
        state = byte === subnegotiationBegin ? "subnegotiation" : byte >= will && byte < iac ? "option" : "data";
        verb = byte;
        return byte === iac
          ? [{ kind: "data", bytes: Buffer.of(iac) }]
          : state === "data"
            ? [{ kind: "command", code: byte }]
            : [];
      case "option":
        state = "data";
        return [{ kind: "option", verb, option: byte }];
      case "subnegotiation":
        if (byte === iac) {
          state = "subnegotiationCommand";
        } else if (collected.push(byte) > maxSubnegotiationLength) {
          throw new Error("a telnet subnegotiation does not end");
        }
        return [];
      case "subnegotiationCommand":
        state = byte === subnegotiationEnd ? "data" : "subnegotiation";
        if (byte === iac) {
          collected.push(iac);
        }
        return byte === subnegotiationEnd ? endOfSubnegotiation() : [];
    }
  }

  return (chunk) => {
    const events: TelnetEvent[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (state === "data") {
        const found = chunk.indexOf(iac, at);
        const end = found < 0 ? chunk.length : found;
        if (end > at) {
          events.push({ kind: "data", bytes: chunk.subarray(at, end) });
        }
        at = end;
      }
      if (at < chunk.length) {
        events.push(...onByte(chunk[at++] ?? 0));
      }
    }
    return events;
  };
}

/** With each FF doubled. */
export function escapeIac(bytes: Buffer): Buffer {
  if (!bytes.includes(iac)) {
    return bytes;
  }
  return Buffer.from([...bytes].flatMap((byte) => (byte === iac ? [iac, iac] : [byte])));
}

export function encodeOptions(verb: number, ...options: readonly number[]): Buffer {
  return Buffer.from(options.flatMap((option) => [iac, verb, option]));
}

export function encodeSubnegotiation(option: number, bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.of(iac, subnegotiationBegin, option),
    escapeIac(bytes),
    Buffer.of(iac, subnegotiationEnd),
  ]);
}
