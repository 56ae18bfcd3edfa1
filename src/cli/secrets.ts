/** Reads secrets from sources that the process list does not show: a file, standard input, the environment, a prompt. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { reasonOf } from "../base/errors.js";
import { CliError } from "./context.js";

export interface SecretSource {
  /** The option without dashes, e.g. `viserver-password`; the option for its file ends in `-file`. */
  readonly option: string;
  readonly value: string | undefined;
  /** A path, `-` for standard input. */
  readonly file: string | undefined;
  /** The name of an environment variable, from the option that ends in `-env`. */
  readonly variable?: string | undefined;
}

/**
 * The value of the option, else the first line of the file or the variable; undefined when none is given.
 * Throws CliError for a file or variable that cannot be read or is empty, and for an option that is given several ways.
 */
export function readSecret({ option, value, file, variable }: SecretSource): string | undefined {
  const given = Object.entries({ "": value, "-file": file, "-env": variable }).filter(([, text]) => text !== undefined);
  if (given.length > 1) {
    throw new CliError(`${given.map(([suffix]) => `--${option}${suffix}`).join(" and ")}: give only one of them`, 2);
  }
  if (variable !== undefined) {
    return readVariable(variable, option);
  }
  return value ?? (file === undefined ? undefined : readFirstLine(file, option));
}

function readVariable(name: string, option: string): string {
  const secret = process.env[name];
  if (secret === undefined || secret === "") {
    throw new CliError(`--${option}-env: the environment variable ${name} is not set`);
  }
  return secret;
}

/** `viserver-password` is VBMC_VISERVER_PASSWORD. */
export function variableOf(option: string): string {
  return `VBMC_${option.toUpperCase().replaceAll("-", "_")}`;
}

/** Blanks at both ends are part of the secret. */
function readFirstLine(file: string, option: string): string {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    const reason = reasonOf(error);
    throw new CliError(`--${option}-file: ${file} cannot be read: ${reason}`);
  }
  const [line = ""] = text.split(/\r?\n/, 1);
  if (line === "") {
    throw new CliError(`--${option}-file: ${file === "-" ? "standard input" : file} has nothing on its first line`);
  }
  return line;
}

/** Prompts on the terminal without echoing; undefined without a terminal or input. */
export async function promptForSecret(question: string): Promise<string | undefined> {
  // In interactive mode the command prompt reads the keyboard, and would echo the secret.
  const isTaken = process.stdin.listenerCount("keypress") > 0;
  if (!process.stdin.isTTY || !process.stderr.isTTY || isTaken) {
    return undefined;
  }
  // readline would echo on a real terminal, so it writes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Show the question only after echo is off, since users may type at once.
  process.stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", (line) => resolve(line === "" ? undefined : line));
      lines.once("SIGINT", () => reject(new CliError("interrupted", 130)));
      lines.once("close", () => resolve(undefined));
    });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
