/** The guest's terminal at its serial port: login, line editing with echo, and a shell that runs one command at a time. */
import { distribution } from "./bootText.js";
import { type CommandContext, type CommandResult, runCommand } from "./commands.js";

export interface TerminalOptions {
  readonly context: Omit<CommandContext, "user">;
  /** `full`: wait for `drained` before sending more; `lost`: the other end has gone. */
  readonly output: (bytes: Buffer) => "full" | "lost" | "sent";
  readonly onAction: (action: "crash" | "off" | "restart") => void;
}

export interface Terminal {
  /** Shows the login prompt. */
  readonly open: () => void;
  readonly input: (bytes: Buffer) => void;
  /** There is room for output again. */
  readonly drained: () => void;
  readonly close: () => void;
}

/** Of any user. */
const password = "password";
const key = { backspace: 0x08, enter: 0x0d, newline: 0x0a, interrupt: 0x03, endOfFile: 0x04, kill: 0x15, delete: 0x7f };
const longestLine = 4_096;
/** Output to an open plug goes at the pace of a port, not of the CPU. */
const lostPaceMs = 10;
const piecesAtOnce = 16;

type Stream = Extract<CommandResult, { kind: "stream" }>;

export function createTerminal({ context, output, onAction }: TerminalOptions): Terminal {
  let state: "closed" | "command" | "login" | "password" | "repeat" | "stream" = "closed";
  let line: number[] = [];
  let user = "";
  let lastKey = 0;
  let stream: Stream | undefined;
  let isFull = false;
  let pumping: NodeJS.Immediate | NodeJS.Timeout | undefined;

  function write(bytes: Buffer): "full" | "lost" | "sent" {
    const result = output(bytes);
    isFull = result === "full";
    return result;
  }

  const print = (text: string): void => void write(Buffer.from(text));
  const printLines = (lines: readonly string[]): void => print(lines.map((each) => `${each}\r\n`).join(""));

  /** What is typed while the port is full is not shown, as with a UART that is overrun. */
  function echo(...bytes: readonly number[]): void {
    if (!isFull && state !== "password") {
      write(Buffer.from(bytes));
    }
  }

  function prompt(): void {
    line = [];
    state = "command";
    print(`${user}@${context.hostName}:~# `);
  }

  function askLogin(): void {
    line = [];
    state = "login";
    printLines(["", `${distribution} ${context.hostName} ttyS0`, ""]);
    print(`${context.hostName} login: `);
  }

  function enter(): void {
    const text = Buffer.from(line).toString("utf8");
    line = [];
    switch (state) {
      case "login":
        user = text.trim();
        if (user === "") {
          askLogin();
        } else {
          state = "password";
          print("Password: ");
        }
        break;
      case "password":
        if (text === password) {
          printLines(["", "A simulated guest: help lists what it knows."]);
          prompt();
        } else {
          printLines(["", "Login incorrect"]);
          askLogin();
        }
        break;
      case "command":
        carryOut(runCommand(text, { ...context, user }));
        break;
      case "repeat":
        printLines([text]);
        break;
    }
  }

  function carryOut(result: CommandResult): void {
    switch (result.kind) {
      case "text":
        printLines(result.lines);
        prompt();
        break;
      case "repeat":
        state = "repeat";
        break;
      case "stream":
        state = "stream";
        stream = result;
        pump();
        break;
      case "guest":
        if (result.action === "logout") {
          askLogin();
        } else {
          state = "closed";
          onAction(result.action);
        }
    }
  }

  function pump(): void {
    stopPumping();
    for (let count = 0; stream && count < piecesAtOnce; count++) {
      const bytes = stream.next();
      if (!bytes) {
        const { trailer = [] } = stream;
        stream = undefined;
        printLines(trailer);
        prompt();
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
    pumping = stream && setImmediate(pump);
  }

  function stopPumping(): void {
    clearTimeout(pumping as NodeJS.Timeout | undefined);
    clearImmediate(pumping as NodeJS.Immediate | undefined);
    pumping = undefined;
  }

  function interrupt(): void {
    stopPumping();
    stream = undefined;
    print("^C\r\n");
    if (state === "login" || state === "password") {
      askLogin();
    } else {
      prompt();
    }
  }

  function endOfFile(): void {
    if (state === "repeat") {
      prompt();
    } else if (state === "command" && line.length === 0) {
      print("logout\r\n");
      askLogin();
    }
  }

  function erase(count: number): void {
    for (let left = Math.min(count, line.length); left > 0; left--) {
      line.pop();
      echo(key.backspace, 0x20, key.backspace);
    }
  }

  function onKey(byte: number): void {
    const before = lastKey;
    lastKey = byte;
    switch (byte) {
      case key.interrupt:
        interrupt();
        break;
      case key.newline:
      case key.enter:
        // CR LF is one Enter.
        if (state !== "stream" && !(byte === key.newline && before === key.enter)) {
          if (!isFull) {
            print("\r\n");
          }
          enter();
        }
        break;
      case key.endOfFile:
        endOfFile();
        break;
      case key.kill:
        erase(line.length);
        break;
      case key.backspace:
      case key.delete:
        erase(1);
        break;
      default:
        if (state !== "stream" && line.length < longestLine) {
          line.push(byte);
          echo(byte);
        }
    }
  }

  return {
    open: askLogin,
    input: (bytes) => {
      for (const byte of bytes) {
        if (state !== "closed") {
          onKey(byte);
        }
      }
    },
    drained: () => {
      isFull = false;
      if (stream) {
        pump();
      }
    },
    close: () => {
      stopPumping();
      stream = undefined;
      state = "closed";
    },
  };
}
