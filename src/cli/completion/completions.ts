/** What can be completed on the command line of `vbmc`, read from commander's definitions for the scripts of all shells. */
import type { Argument, Command, Option } from "commander";

/** What follows an option, or stands as an argument: nothing known ("text"), or words of one of these kinds. */
export type Values =
  { readonly kind: "text" | "files" | "names" } | { readonly kind: "words"; readonly words: readonly string[] };

export interface CompletedOption {
  /** `-f` and `--format`, those that there are. */
  readonly flags: readonly string[];
  readonly description: string;
  /** undefined where the option takes none. */
  readonly values: Values | undefined;
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly values: Values;
}

export interface Completions {
  /** The program itself: its options may stand before and behind the command. */
  readonly program: CompletedCommand;
  readonly commands: readonly CompletedCommand[];
}

/** Arguments that name BMCs which exist. `add` names one that does not yet. */
const nameArguments: readonly string[] = ["vm_name", "vm_names", "names"];

export function completions(program: Command): Completions {
  const names = program.commands.map((command) => command.name()).sort();
  const commands = [...program.commands].sort((a, b) => (a.name() < b.name() ? -1 : 1));
  return {
    program: completed(program, { kind: "words", words: names }),
    commands: commands.map((command) => completed(command, argumentValues(command, names))),
  };
}

function completed(command: Command, values: Values): CompletedCommand {
  return {
    name: command.name(),
    description: command.description(),
    options: [
      ...command.options.filter(({ hidden }) => !hidden).map(completedOption),
      { flags: ["-h", "--help"], description: "display help for command", values: undefined },
    ],
    values,
  };
}

function completedOption(option: Option): CompletedOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    values: option.required || option.optional ? optionValues(option) : undefined,
  };
}

function optionValues({ argChoices, flags }: Option): Values {
  if (argChoices !== undefined) {
    return { kind: "words", words: argChoices };
  }
  return { kind: /[<[](file|directory)[>\]]/i.test(flags) ? "files" : "text" };
}

function argumentValues(command: Command, commands: readonly string[]): Values {
  const argument: Argument | undefined = command.registeredArguments[0];
  if (argument?.argChoices !== undefined) {
    return { kind: "words", words: argument.argChoices };
  }
  const name = argument?.name() ?? "";
  if (name === "cmd") {
    return { kind: "words", words: commands };
  }
  if (nameArguments.includes(name) && command.name() !== "add") {
    return { kind: "names" };
  }
  return { kind: name === "file" ? "files" : "text" };
}

/** The command that prints the names of the BMCs, one a line, and nothing where there is no daemon. */
export function namesCommand(program: string): string {
  return `command ${program} list -f value -c 'VM name' 2>/dev/null </dev/null`;
}

/** A word of a shell script, quoted where it must be. */
export function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
