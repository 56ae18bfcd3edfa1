import { writeFileSync } from "node:fs";

import { isColoured } from "./formats/colours.js";

/** Where a command's texts go, and how they may look there; a test gives its own. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Columns, or undefined where nobody sees them. */
  readonly width: number | undefined;
  readonly isColoured: boolean;
}

/** What a shell sees of a program that SIGPIPE ends. */
const endedByPipe = 141;

/** That of this process. */
export function ownTerminal(): Terminal {
  // A reader that goes away, as in `vbmc list | head`, is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") {
        process.exit(endedByPipe);
      }
      if (stream === process.stdout) {
        writeFileSync(process.stderr.fd, `cannot write the output:  ${error.message}\n`);
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
