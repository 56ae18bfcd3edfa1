/** Standard output of a console: holds the console back while the terminal, or the reader of a pipe, is slower. */
import type { Writable } from "node:stream";

export interface HeldBack {
  readonly pause: () => void;
  readonly resume: () => void;
}

export interface Screen {
  /** The bytes are good during this call only. */
  readonly show: (bytes: Buffer) => void;
  /** What is to be held back: output may come before that is known. */
  readonly hold: (source: HeldBack) => void;
}

export function createScreen(output: Writable): Screen {
  const state: { source?: HeldBack; isFull: boolean } = { isFull: false };
  const drained = (): void => {
    state.isFull = false;
    state.source?.resume();
  };
  return {
    show: (bytes) => {
      if (!output.write(Buffer.from(bytes)) && !state.isFull) {
        state.isFull = true;
        state.source?.pause();
        output.once("drain", drained);
      }
    },
    hold: (source) => {
      state.source = source;
      if (state.isFull) {
        source.pause();
      }
    },
  };
}
