/** Shows the progress of a long command on one line of a terminal. */

export interface ProgressBar {
  readonly show: (done: number) => void;
  /** Removes the line. */
  readonly end: () => void;
}

const width = 30;

/** Does nothing if `write` is undefined (no terminal). */
export function createProgressBar(
  total: number,
  what: string,
  write: ((text: string) => void) | undefined,
): ProgressBar {
  return {
    show: (done) => {
      const filled = Math.round((done / Math.max(total, 1)) * width);
      write?.(`\r[${"#".repeat(filled).padEnd(width)}] ${done}/${total} ${what}`);
    },
    // Erase in line (ECMA-48 §8.3.41).
    end: () => write?.("\r\u001b[K"),
  };
}
