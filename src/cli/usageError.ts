/** Usage errors with the original's messages: a usage line, then the error, exit code 2. */
import { type Command, CommanderError } from "commander";

import { type CliContext, CliError } from "./context.js";

/** Makes the command throw CliError, code 2, instead of ending the process. */
export function throwUsageErrors(command: Command, context: CliContext): void {
  command.configureOutput({ writeOut: context.out, writeErr: () => undefined, outputError: () => undefined });
  command.exitOverride((error) => {
    if (error.code === "commander.helpDisplayed" || error.code === "commander.help") {
      throw error;
    }
    throw new CliError(`${usageLine(command)}\n${commandPath(command)}: error: ${inWords(command, error)}`, 2);
  });
}

/** Whether this is commander's exit after showing help. */
export function isHelpShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

export function commandPath(command: Command): string {
  return command.parent ? `${commandPath(command.parent)} ${command.name()}` : command.name();
}

export function usageLine(command: Command): string {
  const options = command.options.map((option) => `[${option.flags.replace(/^(-\w), /, "$1|")}]`);
  const names = command.registeredArguments.map((argument) => {
    const name = argument.name().replaceAll("-", "_");
    return `${name}${argument.variadic ? ` [${name} ...]` : ""}`;
  });
  return ["usage:", commandPath(command), "[-h]", ...options, ...names].join(" ");
}

function inWords(command: Command, { code, message }: CommanderError): string {
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? "";
  switch (code) {
    case "commander.missingArgument":
      return `the following arguments are required: ${quoted.replaceAll("-", "_")}`;
    case "commander.unknownOption":
      return `unrecognized arguments: ${quoted}`;
    case "commander.excessArguments":
      return `unrecognized arguments: ${command.args.slice(command.registeredArguments.length).join(" ")}`;
    case "commander.conflictingOption": {
      const [, other = ""] = message.match(/'[^']*'/g) ?? [];
      return `argument ${longName(other.slice(1, -1))}: not allowed with argument ${longName(quoted)}`;
    }
    case "commander.optionMissingArgument":
      return `argument ${longName(quoted)}: expected one argument`;
    case "commander.invalidArgument":
      return `argument ${longName(quoted)}: ${message.replace(/^.*is invalid\. /s, "")}`;
    default:
      return message.replace(/^error: /, "");
  }
}

/** `--port <port>` is the argument `--port`, `-f, --format <f>` is `-f/--format`. */
function longName(flags: string): string {
  return flags.replace(/ <.*$/, "").replace(", ", "/");
}
