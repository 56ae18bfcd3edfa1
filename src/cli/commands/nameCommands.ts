/** `vbmc start|stop|delete NAME…`: the commands that say nothing when all goes well. */
import type { Command } from "commander";
import type { CliContext } from "../context.js";

const descriptions = {
  delete: "Delete virtual BMCs",
  start: "Start virtual BMCs",
  stop: "Stop virtual BMCs",
} as const;

export function registerNameCommands(program: Command, { request }: CliContext): void {
  for (const [command, description] of Object.entries(descriptions)) {
    program
      .command(command)
      .description(description)
      .argument("<vm_names...>", "names of virtual machines")
      .action(async (names: string[]) => {
        await request({ vm_names: names, command });
      });
  }
}
