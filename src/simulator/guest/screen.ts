/** Output of the guest's terminal: what is printed at once, and streams of bytes at the pace that the port takes. */
import type { CommandResult } from "./commands.js";

export type Sent = "full" | "lost" | "sent";
export type Stream = Extract<CommandResult, { kind: "stream" }>;

export interface Screen {
  readonly print: (text: string) => void;
  readonly printLines: (lines: readonly string[]) => void;
  /** What is typed while the port is full is not shown, as with a UART that is overrun. */
  readonly echo: (bytes: readonly number[]) => void;
  /** Shows a stream and its trailer, and then calls `then`. */
  readonly run: (stream: Stream, then: () => void) => void;
  /** There is room for output again. */
  readonly drained: () => void;
  /** Ends the stream. */
  readonly stop: () => void;
}

/** Output to an open plug goes at the pace of a port, not of the CPU. */
const lostPaceMs = 10;
const piecesAtOnce = 16;

/** @param output `full`: wait for `drained` before sending more; `lost`: the other end has gone */
export function createScreen(output: (bytes: Buffer) => Sent): Screen {
  let isFull = false;
  let running: { readonly stream: Stream; readonly then: () => void } | undefined;
  let pumping: NodeJS.Immediate | NodeJS.Timeout | undefined;

  function write(bytes: Buffer): Sent {
    const result = output(bytes);
    isFull = result === "full";
    return result;
  }

  const print = (text: string): void => void write(Buffer.from(text));
  const printLines = (lines: readonly string[]): void => print(lines.map((each) => `${each}\r\n`).join(""));

  function stopPumping(): void {
    clearTimeout(pumping as NodeJS.Timeout | undefined);
    clearImmediate(pumping as NodeJS.Immediate | undefined);
    pumping = undefined;
  }

  function pump(): void {
    stopPumping();
    for (let count = 0; running && count < piecesAtOnce; count++) {
      const { stream, then } = running;
      const bytes = stream.next();
      if (!bytes) {
        running = undefined;
        printLines(stream.trailer ?? []);
        then();
        return;
      }
      const result = write(bytes);
      if (result === "full") {
        return;
      }
      if (result === "lost") {
        pumping = setTimeout(pump, lostPaceMs);
        return;
      }
    }
    pumping = running && setImmediate(pump);
  }

  return {
    print,
    printLines,
    echo: (bytes) => {
      if (!isFull) {
        write(Buffer.from(bytes));
      }
    },
    run: (stream, then) => {
      running = { stream, then };
      pump();
    },
    drained: () => {
      isFull = false;
      if (running) {
        pump();
      }
    },
    stop: () => {
      stopPumping();
      running = undefined;
    },
  };
}
