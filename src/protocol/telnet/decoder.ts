/** Takes a telnet stream apart. It can be cut anywhere; nothing of the data is changed: NUL and CR stay as they are. */
import { telnet, type Verb } from "./bytes.js";

export type TelnetEvent =
  /** Views of what was pushed. */
  | { readonly type: "data"; readonly bytes: Buffer }
  | { readonly type: "option"; readonly verb: Verb; readonly option: number }
  | { readonly type: "subnegotiation"; readonly option: number; readonly content: Buffer }
  /** A subnegotiation that is longer than any that is known; it is skipped. */
  | { readonly type: "tooLong"; readonly option: number }
  /** Any other command: break, no operation … */
  | { readonly type: "command"; readonly code: number };

export interface TelnetDecoder {
  readonly push: (chunk: Buffer) => TelnetEvent[];
}

/** VMware's longest holds a URI, bytes. */
export const maxSubnegotiation = 8_192;

const verbs: Readonly<Record<number, Verb>> = {
  [telnet.WILL]: "WILL",
  [telnet.WONT]: "WONT",
  [telnet.DO]: "DO",
  [telnet.DONT]: "DONT",
};

type State = "data" | "command" | "option" | "subOption" | "sub" | "subCommand";

export function createTelnetDecoder(): TelnetDecoder {
  let state: State = "data";
  let verb: Verb = "WILL";
  let subOption = 0;
  let content: Buffer[] = [];
  let length = 0;

  function keep(bytes: Buffer): void {
    length += bytes.length;
    // Of what is too long only the length is of interest.
    if (length <= maxSubnegotiation) {
      content.push(Buffer.from(bytes));
    } else {
      content = [];
    }
  }

  function endSubnegotiation(): TelnetEvent {
    return length > maxSubnegotiation
      ? { type: "tooLong", option: subOption }
      : { type: "subnegotiation", option: subOption, content: Buffer.concat(content) };
  }

  /** The byte after IAC, outside a subnegotiation. */
  function command(byte: number): TelnetEvent | undefined {
    const known = verbs[byte];
    state = known !== undefined ? "option" : byte === telnet.SB ? "subOption" : "data";
    verb = known ?? verb;
    return state === "data" ? { type: "command", code: byte } : undefined;
  }

  /** One byte in one of the states in which bytes are not just data. */
  function step(byte: number): TelnetEvent | undefined {
    switch (state) {
      case "command":
        return command(byte);
      case "option":
        state = "data";
        return { type: "option", verb, option: byte };
      case "subOption":
        [state, subOption, content, length] = ["sub", byte, [], 0];
        return undefined;
      case "subCommand":
        if (byte === telnet.SE) {
          state = "data";
          return endSubnegotiation();
        }
        // Neither an end nor an escaped FFh: the sender has given up the subnegotiation.
        return command(byte);
      default:
        return undefined;
    }
  }

  return {
    push: (chunk) => {
      const events: TelnetEvent[] = [];
      const data = (bytes: Buffer): void => {
        if (bytes.length > 0) {
          events.push({ type: "data", bytes });
        }
      };
      let at = 0;
      while (at < chunk.length) {
        if (state === "data" || state === "sub") {
          const iac = chunk.indexOf(telnet.IAC, at);
          const run = chunk.subarray(at, iac === -1 ? chunk.length : iac);
          if (state === "data") {
            data(run);
          } else {
            keep(run);
          }
          at += run.length + 1;
          if (iac !== -1) {
            state = state === "data" ? "command" : "subCommand";
          }
          continue;
        }
        const isEscaped = chunk[at] === telnet.IAC && (state === "command" || state === "subCommand");
        if (isEscaped && state === "command") {
          state = "data";
          data(chunk.subarray(at, at + 1));
        } else if (isEscaped) {
          state = "sub";
          keep(chunk.subarray(at, at + 1));
        } else {
          const event = step(chunk[at] ?? 0);
          if (event) {
            events.push(event);
          }
        }
        at++;
      }
      return events;
    },
  };
}
