/** `vbmc start|stop|delete NAME…`: the commands that say nothing when all goes well. */
import type { Command } from "commander";
import type { CliContext } from "../context.js";

/** How long all BMCs may take, ms. */
const allBoundMs = 600_000;

const commands = [
  { command: "delete", description: "Delete virtual BMCs", canTakeAll: false },
  { command: "start", description: "Start virtual BMCs", canTakeAll: true },
  { command: "stop", description: "Stop virtual BMCs", canTakeAll: true },
] as const;

export function registerNameCommands(program: Command, { request }: CliContext): void {
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
      const all = { all: true, timeout_ms: allBoundMs };
      await request({ vm_names: names, command, ...(isAll && all) }, isAll ? { timeoutMs: allBoundMs } : {});
    });
  }
}

/** In the words that a missing argument has everywhere. */
function missingNames(command: Command): never {
  command.error("error: missing required argument 'vm_names'", { code: "commander.missingArgument" });
}
