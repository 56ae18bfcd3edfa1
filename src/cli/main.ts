/** Entry of `vbmc`: one command from the arguments, or many from a prompt or standard input. */
import { appendFileSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import type { Config } from "../config/config.js";
import { loadConfig } from "../config/loadConfig.js";
import { expandAbbreviations } from "./abbreviations.js";
import { CliError, type CliContext } from "./context.js";
import { isColoured } from "./formats/colours.js";
import { createProgram } from "./program.js";
import { isHelpShown, usageLine } from "./usageError.js";

interface GlobalOptions {
  readonly version?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly logFile?: string;
  readonly debug?: boolean;
}

/** @returns the exit code: 0, 1 for a failure, 2 for a usage error */
export async function main(argv: readonly string[]): Promise<number> {
  // Passwords among the arguments are for nobody who looks at `ps`.
  process.title = "vbmc";
  const sink: { logFile?: string; isVerbose?: boolean } = {};
  const context = createContext(sink);
  return runOnce(argv, context, sink);
}

async function runOnce(
  argv: readonly string[],
  context: CliContext,
  sink: { logFile?: string; isVerbose?: boolean },
): Promise<number> {
  const program = createProgram(context, ownVersion());
  const globals = (): GlobalOptions => program.opts<GlobalOptions>();
  let ownCode: number | undefined;
  program.hook("preAction", () => applyGlobals(globals(), sink));
  program.action(async () => {
    applyGlobals(globals(), sink);
    if (globals().version === true) {
      context.out(`vbmc ${ownVersion()}\n`);
      return;
    }
    const { runInteractively } = await import("./interactive.js");
    ownCode = await runInteractively((words) => runOnce(words, context, sink));
  });
  try {
    await program.parseAsync(expandAbbreviations(program, argv), { from: "user" });
    return ownCode ?? 0;
  } catch (error) {
    if (isHelpShown(error)) {
      return 0;
    }
    const { message, code } = toFailure(error);
    context.error(`${message}\n`);
    if (globals().debug === true && error instanceof Error) {
      context.error(`${error.stack ?? ""}\n`);
    }
    return code;
  }

  function applyGlobals({ quiet, verbose, logFile }: GlobalOptions, target: typeof sink): void {
    if (quiet === true && verbose === true) {
      throw new CliError(
        `${usageLine(program)}\nvbmc: error: argument -q/--quiet: not allowed with argument -v/--verbose`,
        2,
      );
    }
    target.isVerbose = verbose === true;
    if (logFile !== undefined) {
      target.logFile = logFile;
    }
  }
}

function createContext(sink: { readonly logFile?: string; readonly isVerbose?: boolean }): CliContext {
  let loaded: Config | undefined;
  const error = (text: string): void => {
    process.stderr.write(text);
    if (sink.logFile !== undefined) {
      appendFileSync(sink.logFile, text, { mode: 0o600 });
    }
  };
  const config = (): Config => {
    loaded ??= loadConfig(process.env, homedir());
    return loaded;
  };
  return {
    out: (text) => void process.stdout.write(text),
    error,
    config,
    request: async (request, options) => {
      const { askDaemon } = await import("./daemonClient.js");
      const { serverPort } = config();
      if (sink.isVerbose === true) {
        error(`asking vbmcd on port ${serverPort} to ${String(request["command"])}\n`);
      }
      return askDaemon(config(), request, options);
    },
    isColoured: isColoured(process.stdout.isTTY, process.env),
    terminalWidth: process.stdout.isTTY ? process.stdout.columns : undefined,
  };
}

/** What is told of an error: a trace is only for --debug, whoever's mistake it was. */
function toFailure(error: unknown): { message: string; code: number } {
  if (error instanceof CliError) {
    return error;
  }
  return { message: error instanceof Error ? error.message : String(error), code: 1 };
}

function ownVersion(): string {
  const file = new URL("../../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
