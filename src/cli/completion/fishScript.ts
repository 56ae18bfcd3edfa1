/** `vbmc complete fish`: a `complete` line for each command and each option. */
import {
  type CompletedCommand,
  type CompletedOption,
  type Completions,
  namesCommand,
  quoted,
  type Values,
} from "./completions.js";

/** @param name of the command that is completed */
export function fishScript(name: string, { program, commands }: Completions): string {
  const all = commands.map((command) => command.name).join(" ");
  const isFirst = `-n ${single(`not __fish_seen_subcommand_from ${all}`)}`;
  return [
    `# Completion of ${name} for fish; load it with: ${name} complete fish | source`,
    `complete -c ${name} -f`,
    ...program.options.map((option) => `complete -c ${name} ${isFirst} ${optionOf(name, option)}`),
    ...commands.map((command) => `complete -c ${name} ${isFirst} -a ${command.name} -d ${single(command.description)}`),
    ...commands.flatMap((command) => commandLines(name, command)),
    "",
  ].join("\n");
}

function commandLines(name: string, command: CompletedCommand): string[] {
  // `vbmc help list` does not take the options of list.
  const isOther = command.name === "help" ? "" : `; and not __fish_seen_subcommand_from help`;
  const condition = `-n ${single(`__fish_seen_subcommand_from ${command.name}${isOther}`)}`;
  const values = valuesOf(name, command.values);
  return [
    ...command.options.map((option) => `complete -c ${name} ${condition} ${optionOf(name, option)}`),
    ...(values === "" ? [] : [`complete -c ${name} ${condition} ${values}`]),
  ];
}

function optionOf(name: string, { flags, description, values }: CompletedOption): string {
  const words = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = values === undefined ? [] : ["-r", valuesOf(name, values)].filter((word) => word !== "");
  return [...words, ...value, "-d", single(description)].join(" ");
}

function valuesOf(name: string, values: Values): string {
  switch (values.kind) {
    case "words":
      return `-a ${single(values.words.map(quoted).join(" "))}`;
    case "names":
      return `-a ${single(`(${namesCommand(name)})`)}`;
    case "files":
      return "-F";
    case "text":
      return "";
  }
}

/** In fish's single quotes a backslash escapes itself and the quote. */
function single(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
