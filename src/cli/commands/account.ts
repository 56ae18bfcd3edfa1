/** `vbmc account list|add|set|delete [USER]`: who may use the page and Redfish for all BMCs. */
import { Argument, type Command, Option } from "commander";

import { defined } from "../../base/defined.js";
import type { CliContext } from "../context.js";
import { CliError } from "../context.js";
import { addFormatOptions, type FormatOptions, toChoice } from "../formats/options.js";

const actions = ["list", "add", "set", "delete"] as const;
type Action = (typeof actions)[number];

interface AccountCommandOptions extends FormatOptions {
  readonly role?: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
}

export function registerAccount(program: Command, context: CliContext): void {
  const account = program
    .command("account")
    .description("Show or change the accounts of the page and of Redfish for all BMCs ([web] listen)")
    .addArgument(new Argument("<action>", "what to do").choices(actions).argParser(toChoice(actions)))
    .argument("[user_name]", "the name of the account; not for list")
    .addOption(
      new Option("--role <role>", "what the account may do (default: Administrator)").choices([
        "Administrator",
        "Operator",
        "ReadOnly",
      ]),
    )
    .option("--password-file <file>", "a file with the password, or - for standard input; else it is asked for")
    .option("--password-env <variable>", "an environment variable with the password");
  addFormatOptions(account).action(
    async (action: Action, userName: string | undefined, options: AccountCommandOptions) => {
      if ((userName === undefined) !== (action === "list")) {
        throw new CliError(action === "list" ? "list takes no user name" : `${action} needs the name of an account`, 2);
      }
      const { role } = options;
      const password = await passwordFor(action, userName ?? "", options);
      const response = await context.request(
        defined({ command: "account", action, user_name: userName, role, password }),
      );
      if (action === "list") {
        const { renderTable } = await import("../formats/render.js");
        context.out(await renderTable(response, options, context, { isSorted: true, isWide: true }));
      }
    },
  );
}

/** Asked for where an account is added, or nothing else is changed. */
async function passwordFor(
  action: Action,
  userName: string,
  { role, passwordFile: file, passwordEnv: variable }: AccountCommandOptions,
): Promise<string | undefined> {
  if (action === "list" || action === "delete") {
    return undefined;
  }
  const { promptForSecret, readSecret } = await import("../secrets.js");
  const given = readSecret({ option: "password", value: undefined, file, variable });
  if (given !== undefined || (action === "set" && role !== undefined)) {
    return given;
  }
  const typed = await promptForSecret(`Password of ${userName}: `);
  if (typed === undefined) {
    throw new CliError("give the password: --password-file FILE, --password-env VARIABLE, or on a terminal", 2);
  }
  return typed;
}
