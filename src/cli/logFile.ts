/** Writes the file of --log-file in cliff's format. */
import { appendFileSync } from "node:fs";

import { reasonOf } from "../base/errors.js";
import { CliError } from "./context.js";

export type LogLevel = "DEBUG" | "WARNING" | "ERROR";

/** Appends to the file; creates it with mode 0600 if missing. Throws CliError. */
export function writeLog(file: string, level: LogLevel, program: string, text: string): void {
  try {
    appendFileSync(file, `[${timestamp(new Date())}] ${level.padEnd(8)} ${program} ${text.trimEnd()}\n`, {
      mode: 0o600,
    });
  } catch (error) {
    throw new CliError(`cannot write the log file: ${reasonOf(error)}`);
  }
}

/** Local time, as Python's logging writes it: 2026-11-27 07:02:23,714. */
function timestamp(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().replace("T", " ").replace(".", ",").replace("Z", "");
}
