/** Entry of `vbmc`: one command from the arguments, or many from a prompt or standard input. */
import type { Command } from "commander";

import { reasonOf } from "../base/errors.js";
import { buildLine, ownVersion } from "../io/version/version.js";
import type { Config } from "../settings/config/config.js";
import { homeFolder } from "../settings/config/home.js";
import { loadConfig } from "../settings/config/loadConfig.js";
import { type Places, placesOf } from "../settings/config/places.js";
import { expandAbbreviations } from "./abbreviations.js";
import { type CliContext, CliError } from "./context.js";
import { type LogLevel, writeLog } from "./logFile.js";
import { createProgram } from "./program.js";
import { ownTerminal, type Terminal } from "./terminal.js";
import { isHelpShown, usageLine } from "./usageError.js";

interface GlobalOptions {
  readonly version?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly logFile?: string;
  readonly debug?: boolean;
}

/** The global options; in interactive mode those of the first line apply to all commands. */
interface Mood {
  logFile?: string;
  isVerbose: boolean;
  isDebug: boolean;
}

/**
 * @param program the name that it was called by: `vbmc` or `vsbmc`
 * @returns the exit code: 0, 1 for a failure, 2 for a usage error
 */
export async function main(
  argv: readonly string[],
  program = "vbmc",
  terminal: Terminal = ownTerminal(),
): Promise<number> {
  const places = placesOf(program);
  // Hide password arguments from `ps`.
  process.title = places.client;
  const mood: Mood = { isVerbose: false, isDebug: false };
  return runOnce(argv, createContext(mood, terminal, places), mood, terminal);
}

async function runOnce(argv: readonly string[], context: CliContext, mood: Mood, terminal: Terminal): Promise<number> {
  const program = createProgram(context, ownVersion());
  const globals = (): GlobalOptions => program.opts<GlobalOptions>();
  let ownCode: number | undefined;
  program.hook("preAction", (_program, command) => {
    applyGlobals(program, mood);
    // No arguments: they may hold passwords.
    if (command !== program) {
      logTo(mood, "DEBUG", context.places, `command: ${command.name()}`);
    }
  });
  program.action(async () => {
    applyGlobals(program, mood);
    if (globals().version === true) {
      context.out(`${context.places.client} ${ownVersion()}\n${buildLine()}\n`);
      return;
    }
    const { runInteractively } = await import("./interactive.js");
    const names = program.commands.map((command) => command.name());
    ownCode = await runInteractively(
      (words) => runOnce(words, context, mood, terminal),
      [...names, "exit", "quit"],
      context.places.client,
    );
  });
  try {
    await program.parseAsync(expandAbbreviations(program, argv), { from: "user" });
    return ownCode ?? 0;
  } catch (error) {
    if (isHelpShown(error)) {
      return 0;
    }
    const { message, code } = toFailure(error);
    fail(`${message}\n`, context.places, mood, terminal);
    if (mood.isDebug && error instanceof Error) {
      terminal.error(`${error.stack ?? ""}\n`);
    }
    return code;
  }
}

function applyGlobals(program: Command, mood: Mood): void {
  const { quiet, verbose, debug, logFile } = program.opts<GlobalOptions>();
  if (quiet === true && verbose === true) {
    throw new CliError(
      `${usageLine(program)}\n${program.name()}: error: argument -q/--quiet: not allowed with argument -v/--verbose`,
      2,
    );
  }
  mood.isVerbose ||= verbose === true;
  mood.isDebug ||= debug === true;
  if (logFile !== undefined) {
    mood.logFile = logFile;
  }
}

function createContext(mood: Readonly<Mood>, terminal: Terminal, places: Places): CliContext {
  let loaded: Config | undefined;
  const error = (text: string): void => {
    terminal.error(text);
    logTo(mood, "WARNING", places, text);
  };
  const config = (): Config => {
    loaded ??= loadConfig(process.env, homeFolder(), places);
    return loaded;
  };
  return {
    places,
    out: terminal.out,
    error,
    config,
    request: async (request, options) => {
      const { askDaemon } = await import("./daemonClient.js");
      const { serverPort } = config();
      const text = `asking ${places.daemon} on port ${serverPort} to ${String(request["command"])}`;
      if (mood.isVerbose) {
        terminal.error(`${text}\n`);
      }
      logTo(mood, "DEBUG", places, text);
      return askDaemon(config(), places, request, options);
    },
    progress: process.stderr.isTTY ? terminal.error : undefined,
    isColoured: terminal.isColoured,
    terminalWidth: terminal.width,
  };
}

function logTo({ logFile }: Readonly<Mood>, level: LogLevel, { client }: Places, text: string): void {
  if (logFile !== undefined) {
    writeLog(logFile, level, client, text);
  }
}

/** Reports once on the terminal that the log file cannot be written. */
function fail(text: string, places: Places, mood: Readonly<Mood>, terminal: Terminal): void {
  terminal.error(text);
  try {
    logTo(mood, "ERROR", places, text);
  } catch {
    // The log file was the failure, or failed in addition.
  }
}

/** The text for an error: with a trace only for --debug. */
function toFailure(error: unknown): { message: string; code: number } {
  if (error instanceof CliError) {
    return error;
  }
  return { message: reasonOf(error), code: 1 };
}
