/** Reads text files for commands. */
import { readFileSync } from "node:fs";

import { reasonOf } from "../base/errors.js";
import { CliError } from "./context.js";

/** `-` is standard input; throws CliError. */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}
