/** Secrets from where they are not seen in the list of processes: a file, standard input, the environment. */
import { readFileSync } from "node:fs";
import { CliError } from "./context.js";

export interface SecretSource {
  /** The option without dashes, e.g. `viserver-password`; its file has `-file` behind it. */
  readonly option: string;
  readonly value: string | undefined;
  /** A path, `-` for standard input. */
  readonly file: string | undefined;
}

/**
 * The value of the option, else the first line of the file, else the environment's `VBMC_…`; undefined when none is
 * given. Throws CliError for a file that cannot be read, and for an option that is given both ways.
 */
export function readSecret({ option, value, file }: SecretSource, env = process.env): string | undefined {
  if (value !== undefined && file !== undefined) {
    throw new CliError(`--${option} and --${option}-file: give only one of them`, 2);
  }
  return value ?? (file === undefined ? env[variableOf(option)] : readFirstLine(file, option));
}

/** `viserver-password` is VBMC_VISERVER_PASSWORD. */
export function variableOf(option: string): string {
  return `VBMC_${option.toUpperCase().replaceAll("-", "_")}`;
}

function readFirstLine(file: string, option: string): string {
  try {
    const [line = ""] = readFileSync(file === "-" ? 0 : file, "utf8").split(/\r?\n/, 1);
    return line;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`--${option}-file: ${file} cannot be read: ${reason}`);
  }
}
