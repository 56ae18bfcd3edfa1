/** All commands and options of `vbmc`, as commander knows them. */
import { Command } from "commander";

import { registerAccount } from "./commands/account.js";
import { registerAdd } from "./commands/add.js";
import { registerAnswer } from "./commands/answer.js";
import { registerCheck } from "./commands/check.js";
import { registerComplete } from "./commands/complete.js";
import { registerConsole } from "./commands/console.js";
import { registerDiscover } from "./commands/discover.js";
import { registerEvents } from "./commands/events.js";
import { registerExport } from "./commands/export.js";
import { registerHelp } from "./commands/help.js";
import { registerImport } from "./commands/import.js";
import { registerList } from "./commands/list.js";
import { registerMedia } from "./commands/media.js";
import { registerNameCommands } from "./commands/nameCommands.js";
import { registerSet } from "./commands/set.js";
import { registerShow } from "./commands/show.js";
import { registerSimulator } from "./commands/simulator.js";
import { registerTrust } from "./commands/trust.js";
import type { CliContext } from "./context.js";
import { throwUsageErrors } from "./usageError.js";

/** `onResult` gets the exit code of commands that set one. */
export function createProgram(context: CliContext, version: string): Command {
  const program = new Command(context.places.client)
    .description(
      `Manages virtual BMCs for VMware vSphere virtual machines; they are served by the daemon ${context.places.daemon}.`,
    )
    .option("--version", `show the version (${version}) and exit`)
    .option("-v, --verbose", "more output on standard error")
    .option("-q, --quiet", "warnings and errors only")
    .option("--log-file <file>", "also log the command and everything sent to standard error to a file")
    .option("--debug", "show a trace with errors")
    .option("--no-daemon", "accepted for compatibility, without effect")
    .enablePositionalOptions()
    .helpCommand(false);
  registerAccount(program, context);
  registerAdd(program, context);
  registerAnswer(program, context);
  registerCheck(program, context);
  registerComplete(program, context);
  registerConsole(program, context);
  registerDiscover(program, context);
  registerExport(program, context);
  registerNameCommands(program, context);
  registerEvents(program, context);
  registerHelp(program, context);
  registerImport(program, context);
  registerList(program, context);
  registerMedia(program, context);
  registerSet(program, context);
  registerShow(program, context);
  registerSimulator(program, context);
  registerTrust(program, context);
  for (const command of [program, ...program.commands]) {
    throwUsageErrors(command, context);
  }
  return program;
}
