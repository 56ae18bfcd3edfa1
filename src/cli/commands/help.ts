/** `vbmc help [COMMAND]`: the same as `vbmc COMMAND --help`. */
import type { Command } from "commander";

import { type CliContext, CliError } from "../context.js";

export function registerHelp(program: Command, { out }: CliContext): void {
  program
    .command("help")
    .description("print detailed help for another command")
    .argument("[cmd...]", "name of the command")
    .action((words: string[]) => {
      const [word] = words;
      if (word === undefined) {
        out(program.helpInformation());
        return;
      }
      const exact = program.commands.find((command) => command.name() === word);
      const matches = exact ? [exact] : program.commands.filter((command) => command.name().startsWith(word));
      const [command] = matches;
      if (!command) {
        throw new CliError(`Unknown command ['${words.join("', '")}']`);
      }
      const names = matches.map((each) => each.name()).sort();
      out(names.length === 1 ? command.helpInformation() : `Command "${word}" matches:\n  ${names.join("\n  ")}\n`);
    });
}
