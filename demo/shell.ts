/** Runs commands the way a user would type them: shows each one with its output. */
import { spawn } from "node:child_process";

export interface Shell {
  /** Shows and runs one command; resolves with its standard output, throws when it exits with anything but 0. */
  readonly run: (command: string, args: readonly string[], shownAs?: string) => Promise<string>;
  /** The same, without showing anything. */
  readonly quietly: (command: string, args: readonly string[]) => Promise<string>;
}

export function createShell(environment: NodeJS.ProcessEnv, print: (text: string) => void): Shell {
  function execute(command: string, args: readonly string[], onOutput: (text: string) => void): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        onOutput(text);
      });
      child.stderr.setEncoding("utf8").on("data", onOutput);
      child.once("error", reject);
      child.once("close", (code, signal) => {
        if (code === 0) {
          resolve(output);
        } else {
          reject(new Error(`${[command, ...args].join(" ")} ended with ${signal ?? `exit code ${code ?? "?"}`}`));
        }
      });
    });
  }

  return {
    run: (command, args, shownAs = commandLine(command, args)) => {
      print(`$ ${shownAs}\n`);
      return execute(command, args, print);
    },
    quietly: (command, args) => execute(command, args, () => undefined),
  };
}

/** The words as a user would have to type them. */
export function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(" ");
}
