/** The options for a BMC's properties, with their defaults. */
import { type Command, Option } from "commander";

import { defined } from "../base/defined.js";
import type { AddRequest } from "../control/messages.js";
import { accountFields, type AccountOptions, addAccountOptions } from "./accountOptions.js";
import { keyFields } from "./keyOptions.js";
import { toInteger } from "./numbers.js";
import { readSecret } from "./secrets.js";

export interface BmcOptions extends AccountOptions {
  readonly username: string;
  readonly password: string;
  readonly passwordFile?: string;
  readonly port: number;
  readonly address: string;
  readonly kg?: string;
}

export function addBmcOptions(command: Command, portText = "the UDP port that the BMC listens on"): Command {
  command
    .option("--username <username>", "the BMC username", "admin")
    .addOption(new Option("--password <password>", "the BMC password").default("password").conflicts("passwordFile"))
    .option("--password-file <file>", "read the BMC password from the first line of a file, - is standard input")
    .option("--port <port>", portText, toInteger, 6230)
    .option("--address <address>", "the address that the BMC listens on, or a host name", "::")
    .option("--kg <kg>", "the BMC key Kg: up to 20 bytes of text, or 0x and 40 hex digits");
  return addAccountOptions(command);
}

/** A request that adds one BMC; throws CliError. */
export async function toAddRequest(vmName: string, options: BmcOptions): Promise<AddRequest> {
  const { username, password, passwordFile: file, address, port, kg } = options;
  return defined({
    viserver: null,
    viserver_password: null,
    viserver_username: null,
    ...(await accountFields(options)),
    address,
    fakemac: null,
    password: readSecret({ option: "password", value: undefined, file }) ?? password,
    port,
    username,
    vm_name: vmName,
    vm_uuid: null,
    command: "add",
    kg,
    ...keyFields({ ...options }),
  });
}
