/** `vbmc help [COMMAND]`: the same as `vbmc COMMAND --help`. */
import type { Command } from "commander";
import { CliError, type CliContext } from "../context.js";

export function registerHelp(program: Command, { out }: CliContext): void {
  program
    .command("help")
    .description("print detailed help for another command")
    .argument("[cmd...]", "name of the command")
    .action((words: string[]) => {
      const [word] = words;
      const command = word === undefined ? program : program.commands.find((each) => each.name().startsWith(word));
      if (!command) {
        throw new CliError(`Unknown command ['${words.join("', '")}']`);
      }
      out(command.helpInformation());
    });
}
