/** The options that name a vSphere account, and how its certificate is checked. */
import type { Command } from "commander";
import { readSecret, variableOf } from "./secrets.js";

export interface AccountOptions {
  readonly viserver?: string;
  readonly viserverUsername?: string;
  readonly viserverPassword?: string;
  readonly viserverPasswordFile?: string;
  readonly viserverThumbprint?: string;
  readonly viserverCafile?: string;
  readonly viserverInsecure?: boolean;
}

/** Those given, by the names that they have in requests and files. */
export interface AccountFields {
  readonly viserver?: string;
  readonly viserver_username?: string;
  readonly viserver_password?: string;
  readonly viserver_thumbprint?: string;
  readonly viserver_cafile?: string;
  readonly viserver_insecure?: boolean;
}

export function addAccountOptions(command: Command): Command {
  return command
    .option("--viserver <viserver>", "the vCenter server or ESXi host: host, host:port or [IPv6]:port")
    .option("--viserver-username <viserver_username>", "the user name at the viserver")
    .option(
      "--viserver-password <viserver_password>",
      `the password at the viserver; others can see it in the list of processes, so better: ${variableOf("viserver-password")}`,
    )
    .option("--viserver-password-file <file>", "read the password at the viserver from a file, - is standard input")
    .option("--viserver-thumbprint <fingerprint>", "the SHA-256 or SHA-1 fingerprint of the viserver's certificate")
    .option("--viserver-cafile <file>", "a PEM file of the authorities that vouch for the viserver")
    .option("--viserver-insecure", "take any certificate of the viserver");
}

/** Throws CliError. */
export function accountFields(options: AccountOptions): AccountFields {
  const password = readSecret({
    option: "viserver-password",
    value: options.viserverPassword,
    file: options.viserverPasswordFile,
  });
  const { viserver, viserverUsername, viserverThumbprint, viserverCafile, viserverInsecure } = options;
  return {
    ...(viserver !== undefined && { viserver }),
    ...(viserverUsername !== undefined && { viserver_username: viserverUsername }),
    ...(password !== undefined && { viserver_password: password }),
    ...(viserverThumbprint !== undefined && { viserver_thumbprint: viserverThumbprint }),
    ...(viserverCafile !== undefined && { viserver_cafile: viserverCafile }),
    ...(viserverInsecure !== undefined && { viserver_insecure: viserverInsecure }),
  };
}
