/** `vbmc complete`: a bash function that completes commands and options. */
import { Option, type Command } from "commander";
import type { CliContext } from "../context.js";

export function registerComplete(program: Command, { out }: CliContext): void {
  program
    .command("complete")
    .description("print bash completion command")
    .addOption(new Option("--name <command_name>", "Command name to support with command completion").default("vbmc"))
    .addOption(
      new Option("--shell <shell>", "Shell being used. Use none for data only")
        .choices(["bash", "none"])
        .default("bash"),
    )
    .action(({ name, shell }: { name: string; shell: "bash" | "none" }) => {
      const data = completionData(program);
      out(shell === "none" ? data : bashFunction(name.replaceAll("-", "_"), name, data));
    });
}

/** Variables as cliff names them: `cmds` and one for each command's options. */
function completionData(program: Command): string {
  const lines = program.commands
    .map((command): readonly [string, string] => [
      command.name(),
      command.options
        .flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined))
        .concat("-h", "--help")
        .join(" "),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const commands = `  cmds='${lines.map(([name]) => name).join(" ")}'\n`;
  return commands + lines.map(([name, options]) => `  cmds_${name}='${options}'\n`).join("");
}

function bashFunction(identifier: string, name: string, data: string): string {
  return `_${identifier}()
{
  local cur prev words
  COMPREPLY=()
  _get_comp_words_by_ref -n : cur prev words

  # Command data:
${data}
  local command="\${words[1]}" choices
  if [ "\${#words[@]}" -le 2 ]; then
    choices="$cmds"
  else
    local variable="cmds_$command"
    choices="\${!variable}"
  fi
  COMPREPLY=($(compgen -W "$choices" -- "$cur"))
  return 0
}
complete -F _${identifier} ${name}
`;
}
