/** Standard input of a console: a terminal in raw mode, or a pipe. */
import type { ReadStream } from "node:tty";

export interface Keyboard {
  readonly isTerminal: boolean;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Gives the terminal back as it was. */
  readonly close: () => void;
}

export interface KeyboardListener {
  readonly onTyped: (bytes: Buffer) => void;
  /** The pipe has ended, or the terminal is gone. */
  readonly onEnd: () => void;
}

export function openKeyboard(input: ReadStream, { onTyped, onEnd }: KeyboardListener): Keyboard {
  const isTerminal = input.isTTY;
  const restore = (): void => {
    if (isTerminal) {
      input.setRawMode(false);
    }
  };
  if (isTerminal) {
    input.setRawMode(true);
    // However this process ends.
    process.once("exit", restore);
  }
  input.on("data", onTyped);
  input.on("end", onEnd);
  input.on("error", onEnd);
  input.resume();
  return {
    isTerminal,
    pause: () => void input.pause(),
    resume: () => void input.resume(),
    close: () => {
      input.removeListener("data", onTyped);
      input.removeListener("end", onEnd);
      input.pause();
      process.removeListener("exit", restore);
      restore();
    },
  };
}
