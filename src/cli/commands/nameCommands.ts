/** `vbmc start|stop|delete NAME…`: commands that print nothing on success. */
import type { Command } from "commander";

import { type CliContext, CliError } from "../context.js";

const commands = [
  { command: "delete", description: "Delete virtual BMCs", canTakeAll: false },
  { command: "start", description: "Start virtual BMCs", canTakeAll: true },
  { command: "stop", description: "Stop virtual BMCs", canTakeAll: true },
] as const;

export function registerNameCommands(program: Command, context: CliContext): void {
  for (const { command, description, canTakeAll } of commands) {
    const registered = program
      .command(command)
      .description(description)
      .argument(canTakeAll ? "[vm_names...]" : "<vm_names...>", "names of virtual machines");
    if (canTakeAll) {
      registered.option("--all", `${command} all of them`);
    }
    registered.action(async (names: string[], options: { readonly all?: boolean }) => {
      const isAll = options.all === true;
      if (isAll && names.length > 0) {
        registered.error("error: argument --all: not allowed with vm_names");
      }
      if (!isAll && names.length === 0) {
        missingNames(registered);
      }
      const { askForNames } = await import("../nameRequests.js");
      const { rc, failures } = await askForNames(command, { names, isAll }, context);
      if (rc !== 0) {
        throw new CliError(`(${rc}): ${failures.join("\n")}`);
      }
    });
  }
}

/** Throws the usual error for a missing argument. */
function missingNames(command: Command): never {
  command.error("error: missing required argument 'vm_names'", { code: "commander.missingArgument" });
}
