/** Expands unambiguous abbreviations of commands and long options, and suggests commands for unknown ones. */
import type { Command, Option } from "commander";
import { distance } from "fastest-levenshtein";

import { CliError } from "./context.js";
import { commandPath, usageLine } from "./usageError.js";

/** The original's commands: their abbreviations stay valid, even if our additional commands begin alike. */
const originalCommands: ReadonlySet<string> = new Set([
  "add",
  "complete",
  "delete",
  "help",
  "list",
  "show",
  "start",
  "stop",
]);

/** Maximum edit distance for a suggestion. */
const maxTypos = 2;

/** Expands every abbreviation in the arguments; throws CliError, code 2, for an unknown or ambiguous command. */
export function expandAbbreviations(program: Command, argv: readonly string[]): string[] {
  const at = commandPosition(program, argv);
  const word = argv[at];
  if (word === undefined) {
    return expandOptions(program, argv);
  }
  const command = findCommand(program, word);
  const [globals, own] = splitGlobals(program, command, expandOptions(command, argv.slice(at + 1)));
  return [...expandOptions(program, argv.slice(0, at)), ...globals, command.name(), ...own];
}

/** Extracts the program's own options, which may also follow the command, as in `vbmc list --debug`. */
function splitGlobals(program: Command, command: Command, words: readonly string[]): [string[], string[]] {
  const globals: string[] = [];
  const own: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") {
      return [globals, [...own, ...words.slice(index)]];
    }
    const option = findOption(command, word);
    const globalOption = option ? undefined : findOption(program, word);
    const hasValue = (option ?? globalOption)?.required === true && !word.includes("=");
    (globalOption ? globals : own).push(...words.slice(index, index + (hasValue ? 2 : 1)));
    index += hasValue ? 1 : 0;
  }
  return [globals, own];
}

function findOption(command: Command, word: string): Option | undefined {
  const [name] = word.split("=");
  return command.options.find(({ long, short }) => name === long || name === short);
}

/** The first word that is neither an option of the program itself nor an option's value. */
function commandPosition(program: Command, argv: readonly string[]): number {
  let index = 0;
  while (argv[index]?.startsWith("-")) {
    const word = argv[index] ?? "";
    const option = program.options.find(({ long, short }) => long?.startsWith(word) === true || short === word);
    index += option?.required === true && !word.includes("=") ? 2 : 1;
  }
  return index;
}

export function findCommand(program: Command, word: string): Command {
  const exact = program.commands.find((command) => command.name() === word);
  const candidates = program.commands.filter((command) => command.name().startsWith(word));
  const original = candidates.filter((command) => originalCommands.has(command.name()));
  const matches = original.length === 1 ? original : candidates;
  const [only] = matches;
  if (exact ?? (matches.length === 1 && only)) {
    return exact ?? (only as Command);
  }
  throw new CliError(unknownCommand(program, word), 2);
}

function unknownCommand(program: Command, word: string): string {
  const name = program.name();
  const names = program.commands.map((command) => command.name());
  const prefixed = names.filter((name) => name.startsWith(word));
  const nearest = Math.min(maxTypos, ...names.map((name) => distance(name, word)));
  const similar = prefixed.length > 0 ? prefixed : names.filter((name) => distance(name, word) === nearest);
  const hint = similar.length === 0 ? [] : ["Did you mean one of these?", ...similar.sort().map((name) => `  ${name}`)];
  return [`${name}: '${word}' is not a ${name} command. See '${name} --help'.`, ...hint].join("\n");
}

function expandOptions(command: Command, words: readonly string[]): string[] {
  const long = command.options.flatMap((option) => option.long ?? []).concat("--help");
  let isBehindDashes = false;
  return words.map((word) => {
    isBehindDashes ||= word === "--";
    const [name = "", ...value] = word.split("=");
    if (!isBehindDashes && /^-[a-z]$/i.test(name) && value.length > 0) {
      return `${name}${value.join("=")}`;
    }
    if (isBehindDashes || !name.startsWith("--") || name === "--" || long.includes(name)) {
      return word;
    }
    const candidates = long.filter((candidate) => candidate.startsWith(name));
    // `--pass` was unambiguous before --password-file existed.
    const matches = candidates.filter((candidate) => !isOtherSource(candidate, candidates));
    if (matches.length > 1) {
      const text = `${commandPath(command)}: error: ambiguous option: ${name} could match ${matches.join(", ")}`;
      throw new CliError(`${usageLine(command)}\n${text}`, 2);
    }
    return [matches[0] ?? name, ...value].join("=");
  });
}

/** Whether the option is an alternative source (such as `-file`) of another candidate's value. */
function isOtherSource(option: string, candidates: readonly string[]): boolean {
  const own = option.replace(/-(file|env)$/, "");
  return own !== option && candidates.includes(own);
}
