/**
 * `vbmc complete`: without a shell, prints the original's bash function, for commands and options;
 * `vbmc complete bash|zsh|fish` completes values and BMC names too.
 */
import { Argument, type Command, Option } from "commander";

import { bashScript } from "../completion/bashScript.js";
import { completions } from "../completion/completions.js";
import { fishScript } from "../completion/fishScript.js";
import { zshScript } from "../completion/zshScript.js";
import type { CliContext } from "../context.js";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

export function registerComplete(program: Command, { out }: CliContext): void {
  const command = program
    .command("complete")
    .description("print bash completion command")
    .addArgument(new Argument("[shell]", "print a script for this shell that completes VM names too").choices(shells))
    .addOption(
      new Option("--name <command_name>", "Command name to support with command completion").default(program.name()),
    )
    .addOption(
      new Option("--shell <shell>", "Shell being used. Use none for data only")
        .choices(["bash", "none"])
        .default("bash"),
    )
    .action((scriptShell: Shell | undefined, { name, shell }: { name: string; shell: "bash" | "none" }) => {
      if (scriptShell !== undefined) {
        if (command.getOptionValueSource("shell") === "cli") {
          command.error("error: argument --shell: not allowed with a shell as argument");
        }
        out(script(program, scriptShell, name));
        return;
      }
      const data = completionData(program);
      out(shell === "none" ? data : bashFunction(name.replaceAll("-", "_"), name, data));
    });
}

function script(program: Command, shell: Shell, name: string): string {
  const identifier = name.replaceAll("-", "_");
  const all = completions(program);
  switch (shell) {
    case "bash":
      return bashScript(identifier, name, all);
    case "zsh":
      return zshScript(identifier, name, all);
    case "fish":
      return fishScript(name, all);
  }
}

/** Variables with cliff's names: `cmds` and one for each command's options. */
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
