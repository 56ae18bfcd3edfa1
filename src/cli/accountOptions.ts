/** The options for a vSphere account and the verification of its server's certificate. */
import { accessSync, constants } from "node:fs";
import path from "node:path";

import type { Command } from "commander";

import { defined } from "../base/defined.js";
import { reasonOf } from "../base/errors.js";
import { CliError } from "./context.js";
import { promptForSecret, readSecret, variableOf } from "./secrets.js";

export interface AccountOptions {
  readonly viserver?: string;
  readonly viserverUsername?: string;
  readonly viserverPassword?: string;
  readonly viserverPasswordFile?: string;
  readonly viserverThumbprint?: string;
  readonly viserverCafile?: string;
  readonly viserverInsecure?: boolean;
}

/** The given options, by their names in requests and files. */
export interface AccountFields {
  readonly viserver?: string;
  readonly viserver_username?: string;
  readonly viserver_password?: string;
  readonly viserver_thumbprint?: string;
  readonly viserver_cafile?: string;
  readonly viserver_insecure?: boolean;
}

const passwordOption = "viserver-password";
const passwordVariable = variableOf(passwordOption);

export function addAccountOptions(command: Command): Command {
  return command
    .option("--viserver <viserver>", "the vCenter server or ESXi host: host, host:port or [IPv6]:port")
    .option("--viserver-username <viserver_username>", "the user name at the viserver")
    .option(
      "--viserver-password <viserver_password>",
      "the password at the viserver; @/a/file reads it from that file when needed",
    )
    .option(
      "--viserver-password-file <file>",
      `read the password from the first line of a file, - is standard input (or set ${passwordVariable}, or be asked)`,
    )
    .option("--viserver-thumbprint <fingerprint>", "the SHA-256 or SHA-1 fingerprint of the viserver's certificate")
    .option("--viserver-cafile <file>", "a PEM file of the authorities that may sign the viserver's certificate")
    .option("--viserver-insecure", "do not verify the certificate of the viserver");
}

/** Throws CliError. */
export async function accountFields(options: AccountOptions): Promise<AccountFields> {
  const password = await accountPassword(options);
  const { viserver, viserverUsername, viserverThumbprint, viserverCafile, viserverInsecure } = options;
  return defined({
    viserver,
    viserver_username: viserverUsername,
    viserver_password: password,
    viserver_thumbprint: viserverThumbprint,
    viserver_cafile: viserverCafile === undefined ? undefined : readablePath(viserverCafile),
    viserver_insecure: viserverInsecure,
  });
}

/** From the option, the file, the environment or the terminal; the last two only if a user name is given. */
async function accountPassword(options: AccountOptions): Promise<string | undefined> {
  const { viserver, viserverUsername, viserverPassword: value, viserverPasswordFile: file } = options;
  const given = readSecret({ option: passwordOption, value, file });
  if (given !== undefined || viserverUsername === undefined || viserverUsername === "") {
    return given;
  }
  const variable = process.env[passwordVariable];
  return variable !== undefined && variable !== ""
    ? variable
    : promptForSecret(`Password of ${viserverUsername} at ${viserver ?? "the viserver"}: `);
}

/** Makes the path absolute, since the daemon has another working directory; an empty name removes the setting. */
function readablePath(file: string): string {
  if (file === "") {
    return file;
  }
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new CliError(`cannot read --viserver-cafile: ${reasonOf(error)}`);
  }
  return path.resolve(file);
}
