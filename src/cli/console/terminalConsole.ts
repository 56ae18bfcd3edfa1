/** `vbmc console NAME`: joins a keyboard and a screen with a console until `~.`, or the end of a pipe. */
import { reasonOf } from "../../base/errors.js";
import { describeUser } from "../../io/console/consoleUsers.js";
import type { ConsoleStatus } from "../../io/console/messages.js";
import { CliError } from "../context.js";
import { type ConsoleSession, type ConsoleSessionOptions, openConsoleSession } from "./consoleSession.js";
import { createEscapes, helpText, type TypedAction } from "./escapes.js";
import { openKeyboard } from "./keyboard.js";
import { openRecording } from "./recording.js";
import { createScreen } from "./screen.js";
import { describeChange } from "./statusText.js";

export interface TerminalConsoleOptions extends Pick<ConsoleSessionOptions, "place" | "replayBytes"> {
  readonly isReadOnly: boolean;
  /** Takes the console over from the current writer. */
  readonly takes: boolean;
  readonly logFile: string | undefined;
  readonly notice: (text: string) => void;
}

/** After the end of a pipe the answer to its last line may still come, ms. */
const quietMs = 1_000;
const maxAnswerMs = 10_000;

/** Resolves when the user has ended it. Rejects with a CliError if it cannot be opened, or is permanently gone. */
export async function runTerminalConsole(options: TerminalConsoleOptions): Promise<void> {
  const { isReadOnly, logFile } = options;
  const isTerminal = process.stdin.isTTY;
  /** In raw mode a line feed does not return to the first column. */
  const notice = (text: string): void => options.notice(isTerminal ? `\r\n[${text}]\r\n` : `[${text}]\n`);
  const recording = logFile === undefined ? undefined : openRecording(logFile, notice);
  const screen = createScreen(process.stdout);
  const quiet = createQuiet();
  const known: { status?: ConsoleStatus } = {};
  try {
    const session = await openConsoleSession({
      ...options,
      onData: (bytes) => {
        recording?.write(bytes);
        quiet.heard();
        screen.show(bytes);
      },
      onStatus: (next) => {
        describeChange(known.status, next, !isReadOnly).forEach(notice);
        known.status = next;
      },
      onDrain: () => void process.stdin.resume(),
      onNotice: notice,
    });
    screen.hold(session);
    try {
      takeOver(options, session, known.status);
      await typeUntilQuit({ session, isReadOnly, notice }, quiet);
    } finally {
      session.close();
    }
  } catch (error) {
    throw error instanceof CliError ? error : new CliError(reasonOf(error));
  } finally {
    recording?.close();
    if (isTerminal) {
      options.notice("\r\n");
    }
  }
}

/** Reports input of a script that is lost. */
function takeOver(
  { takes, isReadOnly }: TerminalConsoleOptions,
  session: ConsoleSession,
  status: ConsoleStatus | undefined,
): void {
  if (takes) {
    session.take();
  } else if (!process.stdin.isTTY && !isReadOnly && status?.isWriter === false) {
    throw new CliError(`${whoTypes(status)}: give --take to take the console over, or --read-only`);
  }
}

interface Typing {
  readonly session: ConsoleSession;
  readonly isReadOnly: boolean;
  readonly notice: (text: string) => void;
}

async function typeUntilQuit(typing: Typing, quiet: Quiet): Promise<void> {
  const { session, isReadOnly, notice } = typing;
  const isTerminal = process.stdin.isTTY;
  let quit: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (quit = resolve));
  const escapes = isTerminal ? createEscapes() : (bytes: Buffer): TypedAction[] => [{ type: "data", bytes }];
  const signals = onSignals(quit);
  const keyboard = openKeyboard(process.stdin, {
    onTyped: (bytes) => {
      for (const action of escapes(bytes)) {
        perform(action, typing, quit);
      }
    },
    onEnd: () => {
      // Only output is wanted: a closed pipe on the other side is not an error.
      if (isTerminal) {
        quit();
      } else if (!isReadOnly) {
        void quiet.wait().then(quit);
      }
    },
  });
  if (isTerminal) {
    notice(isReadOnly ? "~. ends, ~? helps; what you type is not sent" : "~. ends, ~? helps");
  }
  try {
    await Promise.race([left, session.ended]);
  } finally {
    signals.release();
    keyboard.close();
  }
}

function whoTypes({ writer }: ConsoleStatus): string {
  return writer === undefined ? "nobody types" : `${describeUser(writer)} types`;
}

function perform(action: TypedAction, { session, isReadOnly, notice }: Typing, quit: () => void): void {
  switch (action.type) {
    case "data":
      if (!isReadOnly && !session.write(action.bytes)) {
        process.stdin.pause();
      }
      break;
    case "quit":
      quit();
      break;
    case "help":
      helpText.forEach(notice);
      break;
    case "break":
      session.sendBreak();
      notice("break");
      break;
    case "take":
      session.take();
      break;
    case "release":
      session.release();
      break;
  }
}

/** A terminal must get its mode back. */
function onSignals(quit: () => void): { readonly release: () => void } {
  const names = ["SIGTERM", "SIGHUP", "SIGINT"] as const;
  names.forEach((name) => process.once(name, quit));
  return { release: () => names.forEach((name) => process.removeListener(name, quit)) };
}

interface Quiet {
  readonly heard: () => void;
  /** Resolves when nothing has been heard for a while. */
  readonly wait: () => Promise<void>;
}

function createQuiet(): Quiet {
  let restart: () => void = () => undefined;
  return {
    heard: () => restart(),
    wait: () =>
      new Promise((resolve) => {
        let timer: NodeJS.Timeout | undefined;
        restart = () => {
          clearTimeout(timer);
          timer = setTimeout(resolve, quietMs);
        };
        restart();
        setTimeout(resolve, maxAnswerMs).unref();
      }),
  };
}
