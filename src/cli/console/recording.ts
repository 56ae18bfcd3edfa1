/** The file of `--log`: everything that the console shows, mode 0600. */
import { closeSync, openSync, writeSync } from "node:fs";

import { fileFault } from "../../io/files/errno.js";
import { CliError } from "../context.js";

export interface Recording {
  readonly write: (bytes: Buffer) => void;
  readonly close: () => void;
}

/**
 * Appends to the file.
 * @param onFault called once when it has become unwritable
 */
export function openRecording(file: string, onFault: (reason: string) => void): Recording {
  let descriptor: number | undefined = open(file);
  return {
    write: (bytes) => {
      try {
        for (let rest = bytes; descriptor !== undefined && rest.length > 0;) {
          rest = rest.subarray(writeSync(descriptor, rest));
        }
      } catch (error) {
        descriptor = undefined;
        onFault(`${file} is written no further: ${fileFault(error)}`);
      }
    },
    close: () => {
      if (descriptor !== undefined) {
        closeSync(descriptor);
      }
    },
  };
}

function open(file: string): number {
  try {
    return openSync(file, "a", 0o600);
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${fileFault(error)}`);
  }
}
