/** The terminal or pipe that a command writes to. */
import { writeFileSync } from "node:fs";

import { isColoured } from "./formats/colours.js";

/** The output streams of a command and their abilities; replaceable in tests. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Columns; undefined without a terminal. */
  readonly width: number | undefined;
  readonly isColoured: boolean;
}

/** Exit code of a program ended by SIGPIPE. */
const endedByPipe = 141;

/** The terminal of this process. */
export function ownTerminal(): Terminal {
  // A reader that closes the pipe, as in `vbmc list | head`, is not an error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") {
        process.exit(endedByPipe);
      }
      if (stream === process.stdout) {
        writeFileSync(process.stderr.fd, `cannot write the output: ${error.message}\n`);
      }
      process.exit(1);
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    isColoured: isColoured(process.stdout.isTTY, process.env),
  };
}
