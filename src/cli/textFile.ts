/** Text files that commands read. */
import { readFileSync } from "node:fs";

import { CliError } from "./context.js";

/** `-` is standard input; throws CliError. */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
