/** Runs command lines the way a user would type them: shows each one with its output. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import type { Printer } from "./printer.js";

export interface Shell {
  /** Shows and runs one command line; throws when it exits with anything but 0. */
  readonly run: (line: string) => Promise<void>;
  /** As run, of a command that finishes what it has begun although the demo was interrupted. */
  readonly runToItsEnd: (line: string) => Promise<void>;
  /** Shows and starts a program that stays; resolves with its first output, gives what ends it. */
  readonly start: (line: string) => Promise<() => Promise<void>>;
  /** Runs a program on a terminal of its own (util-linux's `script`), shows all of it, and types answers. */
  readonly converse: (line: string, talk: (screen: Screen) => Promise<void>) => Promise<void>;
}

export interface Screen {
  /** Resolves when the text is shown behind what an earlier call has found. */
  readonly shows: (text: string) => Promise<void>;
  readonly type: (text: string) => void;
}

export interface ShellOptions {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly printer: Printer;
  /** Aborted: what runs is ended, and nothing else is started. */
  readonly interruption: AbortSignal;
}

/** How long the console may take to show a text, ms. */
const showTimeoutMs = 60_000;

export function createShell({ folder, environment, printer, interruption }: ShellOptions): Shell {
  /** In a process group of its own, so that Ctrl-C in the terminal reaches the demo alone, which ends it in order. */
  function open(command: string, args: readonly string[]): ChildProcess {
    interruption.throwIfAborted();
    return spawn(command, args, { cwd: folder, env: environment, stdio: ["pipe", "pipe", "pipe"], detached: true });
  }

  async function execute(line: string, isInterruptible: boolean): Promise<void> {
    printer.command(line);
    const child = open("sh", ["-c", line]);
    child.stdin?.end();
    child.stdout?.setEncoding("utf8").on("data", printer.output);
    child.stderr?.setEncoding("utf8").on("data", printer.output);
    const end = (): void => endGroup(child);
    if (isInterruptible) {
      interruption.addEventListener("abort", end);
    }
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    interruption.removeEventListener("abort", end);
    interruption.throwIfAborted();
    if (code !== 0) {
      throw new Error(`"${line}" ended with ${signal ?? `exit code ${code ?? "?"}`}`);
    }
  }

  return {
    run: (line) => execute(line, true),
    runToItsEnd: (line) => execute(line, false),
    start: async (line) => {
      printer.command(`${line} &`);
      const child = open("sh", ["-c", `exec ${line}`]);
      const closed = once(child, "close");
      child.stderr?.setEncoding("utf8").on("data", printer.output);
      await new Promise<void>((resolve, reject) => {
        child.stdout?.setEncoding("utf8").on("data", (text: string) => {
          printer.output(text);
          resolve();
        });
        void closed.then(() => reject(new Error(`"${line}" ended at once`)));
      });
      return async () => {
        endGroup(child);
        await closed;
      };
    },
    converse: async (line, talk) => {
      printer.command(line);
      const child = open("script", ["-qefc", line, "/dev/null"]);
      const closed = once(child, "close");
      const end = (): void => endGroup(child);
      interruption.addEventListener("abort", end);
      try {
        await Promise.race([talk(follow(child, printer)), closed.then(() => interruption.throwIfAborted())]);
      } finally {
        end();
        await closed;
        interruption.removeEventListener("abort", end);
      }
    },
  };
}

function endGroup(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    process.kill(-child.pid, "SIGTERM");
  }
}

function follow(child: ChildProcess, printer: Printer): Screen {
  let unseen = "";
  let look = (): void => undefined;
  child.stdin?.on("error", () => undefined);
  child.stdout?.setEncoding("latin1").on("data", (text: string) => {
    printer.output(text);
    unseen += text;
    look();
  });
  return {
    type: (text) => void child.stdin?.write(text),
    shows: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`the console does not show ${JSON.stringify(text)}`)),
          showTimeoutMs,
        );
        timer.unref();
        look = () => {
          const at = unseen.indexOf(text);
          if (at >= 0) {
            clearTimeout(timer);
            unseen = unseen.slice(at + text.length);
            look = () => undefined;
            resolve();
          }
        };
        look();
      }),
  };
}
