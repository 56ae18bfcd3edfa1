/** The branches of a `case` for bash and zsh: the possible completions at each position, in `kind` and `words`. */
import { type CompletedCommand, type Completions, quoted, type Values } from "./completions.js";

/** By command (an empty word before there is one): its options and the kinds of its arguments. */
export function commandCases({ program, commands }: Completions): string {
  return [{ ...program, name: "" }, ...commands]
    .map(({ name, options, values }) => {
      const flags = options.flatMap((option) => option.flags).join(" ");
      return `    '${name}') options='${flags}' ${assignment(values)} ;;\n`;
    })
    .join("");
}

/** By command and option: the kind of the option's value. */
export function optionCases({ program, commands }: Completions): string {
  return [valueCases("*", program), ...commands.map((command) => valueCases(command.name, command))].reverse().join("");
}

function valueCases(pattern: string, { options }: CompletedCommand): string {
  return options
    .map(({ flags, values }) => {
      const patterns = flags.map((flag) => `${pattern}\\ ${flag}`).join(" | ");
      return values === undefined ? "" : `    ${patterns}) ${assignment(values)} ;;\n`;
    })
    .join("");
}

function assignment(values: Values): string {
  return values.kind === "words" ? `kind=words words=(${values.words.map(quoted).join(" ")})` : `kind=${values.kind}`;
}
