/** The guest's terminal at its serial port: login, line editing with echo, and a shell that runs one command at a time. */
import { distribution } from "./bootText.js";
import { type CommandContext, type CommandResult, runCommand } from "./commands.js";
import { createKeyboard } from "./keyboard.js";
import { createScreen, type Sent } from "./screen.js";

export interface TerminalOptions {
  readonly context: Omit<CommandContext, "user">;
  /** `full`: wait for `drained` before sending more; `lost`: the other end has gone. */
  readonly output: (bytes: Buffer) => Sent;
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
const newline: readonly number[] = [0x0d, 0x0a];

export function createTerminal({ context, output, onAction }: TerminalOptions): Terminal {
  let state: "closed" | "command" | "login" | "password" | "repeat" | "stream" = "closed";
  let user = "";
  const screen = createScreen(output);
  const { print, printLines } = screen;
  const keyboard = createKeyboard({
    echo: (bytes) => {
      if (state !== "password") {
        screen.echo(bytes);
      }
    },
    takesLine: () => state !== "stream",
    onLine: enter,
    onInterrupt: interrupt,
    onEndOfFile: endOfFile,
  });

  function prompt(): void {
    keyboard.clear();
    state = "command";
    print(`${user}@${context.hostName}:~# `);
  }

  function askLogin(): void {
    keyboard.clear();
    state = "login";
    printLines(["", `${distribution} ${context.hostName} ttyS0`, ""]);
    print(`${context.hostName} login: `);
  }

  function enter(text: string): void {
    screen.echo(newline);
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
        screen.run(result, prompt);
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

  function interrupt(): void {
    screen.stop();
    print("^C\r\n");
    if (state === "login" || state === "password") {
      askLogin();
    } else {
      prompt();
    }
  }

  function endOfFile(isLineEmpty: boolean): void {
    if (state === "repeat") {
      prompt();
    } else if (state === "command" && isLineEmpty) {
      print("logout\r\n");
      askLogin();
    }
  }

  return {
    open: askLogin,
    input: (bytes) => {
      for (const byte of bytes) {
        if (state !== "closed") {
          keyboard.press(byte);
        }
      }
    },
    drained: screen.drained,
    close: () => {
      screen.stop();
      state = "closed";
    },
  };
}
