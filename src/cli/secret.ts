/** Where a password may come from besides an option's value, which other users of the host can see in `ps`. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { CliError } from "./context.js";

/** The first line of a file, or of standard input for `-`; blanks at both ends belong to the password. */
export async function readSecretFile(file: string): Promise<string> {
  const content = file === "-" ? await text(process.stdin) : readFile(file);
  const secret = content.split(/\r?\n/, 1)[0] ?? "";
  if (secret === "") {
    throw new CliError(`${file === "-" ? "standard input" : file} holds no password on its first line`);
  }
  return secret;
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`the password file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Asks on the terminal without showing what is typed; undefined where there is no terminal, or nothing is typed. */
export async function promptForSecret(question: string): Promise<string | undefined> {
  // In interactive mode the prompt for commands has the keyboard, and would show what is typed.
  const isTaken = process.stdin.listenerCount("keypress") > 0;
  if (!process.stdin.isTTY || !process.stderr.isTTY || isTaken) {
    return undefined;
  }
  // With a terminal of its own readline would echo: it writes to nowhere instead.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Only now: whoever sees the question may type at once, and the terminal has ceased to echo.
  process.stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", (line) => resolve(line === "" ? undefined : line));
      lines.once("SIGINT", () => reject(new CliError("interrupted; nothing was added", 130)));
      lines.once("close", () => resolve(undefined));
    });
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
