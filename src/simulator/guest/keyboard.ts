/** Line editing at the guest's terminal: keys become lines, ^C and ^D; what is typed is echoed. */

export interface KeyboardOptions {
  readonly echo: (bytes: readonly number[]) => void;
  /** False: a program runs that takes no line. */
  readonly takesLine: () => boolean;
  readonly onLine: (text: string) => void;
  readonly onInterrupt: () => void;
  /** @param isEmpty nothing is typed */
  readonly onEndOfFile: (isEmpty: boolean) => void;
}

export interface Keyboard {
  readonly press: (byte: number) => void;
  /** Forgets what is typed. */
  readonly clear: () => void;
}

const key = { backspace: 0x08, enter: 0x0d, newline: 0x0a, interrupt: 0x03, endOfFile: 0x04, kill: 0x15, delete: 0x7f };
const maxLineLength = 4_096;

export function createKeyboard({ echo, takesLine, onLine, onInterrupt, onEndOfFile }: KeyboardOptions): Keyboard {
  let line: number[] = [];
  let lastKey = 0;

  function erase(count: number): void {
    for (let left = Math.min(count, line.length); left > 0; left--) {
      line.pop();
      echo([key.backspace, 0x20, key.backspace]);
    }
  }

  function enter(): void {
    const text = Buffer.from(line).toString("utf8");
    line = [];
    onLine(text);
  }

  return {
    press: (byte) => {
      const before = lastKey;
      lastKey = byte;
      switch (byte) {
        case key.interrupt:
          onInterrupt();
          break;
        case key.newline:
        case key.enter:
          // CR LF is one Enter.
          if (takesLine() && !(byte === key.newline && before === key.enter)) {
            enter();
          }
          break;
        case key.endOfFile:
          onEndOfFile(line.length === 0);
          break;
        case key.kill:
          erase(line.length);
          break;
        case key.backspace:
        case key.delete:
          erase(1);
          break;
        default:
          if (takesLine() && line.length < maxLineLength) {
            line.push(byte);
            echo([byte]);
          }
      }
    },
    clear: () => {
      line = [];
    },
  };
}
