/** `vbmc set NAME`: changes a BMC in place. */
import type { Command } from "commander";

import { accountFields, type AccountOptions, addAccountOptions } from "../accountOptions.js";
import { type CliContext, CliError } from "../context.js";
import { addKeyOptions, keyFields } from "../keyOptions.js";
import { toInteger } from "../numbers.js";
import { readSecret } from "../secrets.js";

interface SetOptions extends AccountOptions {
  readonly username?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly port?: number;
  readonly address?: string;
  readonly kg?: string;
  readonly kgFile?: string;
  readonly kgEnv?: string;
}

export function registerSet(program: Command, context: CliContext): void {
  const set = program
    .command("set")
    .description("Change a virtual BMC in place; one that runs is restarted with the new values")
    .argument("<vm_name>", "the name of the virtual machine")
    .option("--username <username>", "the BMC username")
    .option("--password <password>", "the BMC password")
    .option("--password-file <file>", "read the BMC password from the first line of a file, - is standard input")
    .option("--password-env <variable>", "read the BMC password from an environment variable")
    .option("--port <port>", "the UDP port that the BMC listens on", toInteger)
    .option("--address <address>", "the address that the BMC listens on, or a host name")
    .option("--kg <kg>", "the BMC key Kg: up to 20 bytes of text, or 0x and 40 hex digits; '' removes it")
    .option("--kg-file <file>", "read the BMC key from the first line of a file, - is standard input")
    .option("--kg-env <variable>", "read the BMC key from an environment variable");
  addAccountOptions(addKeyOptions(set, "set"))
    .option("--no-viserver-insecure", "verify the certificate of the viserver again")
    .action(async (vmName: string, options: SetOptions) => {
      const changes = await toChanges(options);
      if (Object.keys(changes).length === 0) {
        set.error("error: nothing to change: give at least one option");
      }
      const { pending = [] } = await context.request({ ...changes, vm_name: vmName, command: "set" });
      if (pending.length > 0) {
        const { waitForNames } = await import("../nameRequests.js");
        const { rc, failures } = await waitForNames("start", pending, context);
        if (rc !== 0) {
          throw new CliError(`(${rc}): the change is written, but ${failures.join("; ")}`);
        }
      }
    });
}

/** Values by the request's field names; an empty text removes an optional value. */
async function toChanges(options: SetOptions): Promise<Record<string, unknown>> {
  const { password: value, passwordFile: file, passwordEnv: variable } = options;
  const password = readSecret({ option: "password", value, file, variable });
  const kg = readSecret({ option: "kg", value: options.kg, file: options.kgFile, variable: options.kgEnv });
  const { username, port, address } = options;
  const account = Object.entries(await accountFields(options));
  const removable = Object.entries({
    kg,
    ...keyFields({ ...options }),
    ...Object.fromEntries(account),
  });
  const changes = {
    username,
    password,
    port,
    address,
    ...Object.fromEntries(removable.map(([key, value]) => [key, value === "" ? null : value])),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
