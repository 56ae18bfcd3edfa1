/** The completions of `vbmc`'s command line for all shells, read from commander's definitions. */
import type { Argument, Command, Option } from "commander";

/** The kind of an option's value or an argument: free text, or words of one of these kinds. */
export type Values =
  { readonly kind: "text" | "files" | "names" } | { readonly kind: "words"; readonly words: readonly string[] };

export interface CompletedOption {
  /** The option's flags, such as `-f` and `--format`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** undefined if the option takes no value. */
  readonly values: Values | undefined;
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly values: Values;
}

export interface Completions {
  /** The program itself: its options may precede or follow the command. */
  readonly program: CompletedCommand;
  readonly commands: readonly CompletedCommand[];
}

/** Arguments that name existing BMCs. `add` names a new one. */
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

/** The command that prints the names of the BMCs, one per line, and nothing without a daemon. */
export function namesCommand(program: string): string {
  return `command ${program} list -f value -c 'VM name' 2>/dev/null </dev/null`;
}

/** A word of a shell script, quoted if necessary. */
export function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
