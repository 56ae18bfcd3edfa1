/** `vbmc add NAME`: a new BMC, checked here before the daemon is asked. */
import { accessSync, constants } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import type { Command } from "commander";
import type { AddRequest } from "../../control/messages.js";
import { CliError, type CliContext } from "../context.js";
import { toInteger } from "../numbers.js";
import { promptForSecret, readSecretFile } from "../secret.js";

interface AddOptions {
  readonly username: string;
  readonly password: string;
  readonly port: number;
  readonly address: string;
  readonly fakemac?: string;
  readonly viserver?: string;
  readonly viserverUsername?: string;
  readonly viserverPassword?: string;
  readonly viserverPasswordFile?: string;
  readonly viserverThumbprint?: string;
  readonly viserverCafile?: string;
  readonly viserverInsecure?: boolean;
  readonly vmUuid?: string;
  readonly kg?: string;
}

/** The environment variable that may hold the password at the viserver. */
const passwordVariable = "VBMC_VISERVER_PASSWORD";

export function registerAdd(program: Command, context: CliContext): void {
  program
    .command("add")
    .description("Create a new virtual BMC for a virtual machine")
    .argument("<vm_name>", "the name of the virtual machine")
    .option("--username <username>", "the BMC username", "admin")
    .option("--password <password>", "the BMC password", "password")
    .option("--port <port>", "the UDP port that the BMC listens on", toInteger, 6230)
    .option("--address <address>", "the address that the BMC listens on", "::")
    .option("--fakemac <fakemac>", "the MAC address that the BMC tells (default: made from the name)")
    .option("--viserver <viserver>", "the vCenter server or ESXi host: host, host:port or [IPv6]:port")
    .option("--viserver-username <viserver_username>", "the user name at the viserver")
    .option("--viserver-password <viserver_password>", "the password at the viserver; @/a/file is read when it is used")
    .option(
      "--viserver-password-file <file>",
      `read the password from the first line of a file, - is standard input (or set ${passwordVariable}, or be asked)`,
    )
    .option("--viserver-thumbprint <thumbprint>", "the SHA-256 or SHA-1 fingerprint of the viserver's certificate")
    .option("--viserver-cafile <file>", "certificates (PEM) of the authority that vouches for the viserver")
    .option("--viserver-insecure", "accept any certificate of the viserver")
    .option("--vm-uuid <vm_uuid>", "find the virtual machine by this UUID instead of its name")
    .option("--kg <kg>", "the BMC key Kg: up to 20 bytes of text, or 0x and 40 hex digits")
    .action(async (vmName: string, options: AddOptions) => {
      const request = toRequest(vmName, options, await viserverPassword(options));
      const { addFault, halfCredentials } = await import("../../control/validation.js");
      const fault = addFault(request);
      if (fault !== undefined) {
        throw new CliError(fault === halfCredentials ? fault : `${fault}; nothing was added`);
      }
      warnOfForeignAddress(request.address, context);
      await context.request(request);
    });
}

function toRequest(vmName: string, options: AddOptions, password: string | undefined): AddRequest {
  const { kg, viserverThumbprint, viserverCafile, viserverInsecure } = options;
  return {
    address: options.address,
    fakemac: options.fakemac ?? null,
    password: options.password,
    port: options.port,
    username: options.username,
    viserver: options.viserver ?? null,
    viserver_password: password ?? null,
    viserver_username: options.viserverUsername ?? null,
    vm_name: vmName,
    vm_uuid: options.vmUuid ?? null,
    command: "add",
    ...(kg !== undefined && { kg }),
    ...(viserverThumbprint !== undefined && { viserver_thumbprint: viserverThumbprint }),
    ...(viserverCafile !== undefined && { viserver_cafile: readablePath(viserverCafile) }),
    ...(viserverInsecure === true && { viserver_insecure: true }),
  };
}

/** From the option, the file, the environment or the terminal; the last two only where a user name asks for one. */
async function viserverPassword(options: AddOptions): Promise<string | undefined> {
  const { viserver, viserverUsername, viserverPassword: given, viserverPasswordFile: file } = options;
  if (given !== undefined && file !== undefined) {
    throw new CliError("--viserver-password and --viserver-password-file exclude each other; nothing was added");
  }
  if (file !== undefined) {
    return readSecretFile(file);
  }
  if (given !== undefined || viserverUsername === undefined) {
    return given;
  }
  const variable = process.env[passwordVariable];
  return variable !== undefined && variable !== ""
    ? variable
    : promptForSecret(`Password of ${viserverUsername} at ${viserver ?? "the viserver"}: `);
}

/** The daemon has another working directory. */
function readablePath(file: string): string {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new CliError(`--viserver-cafile cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return path.resolve(file);
}

/** The address may come later (a VPN, a container's network), so it is no error. */
function warnOfForeignAddress(address: string, { error }: CliContext): void {
  const isWildcard = address === "::" || address === "0.0.0.0";
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map((each) => each.address) ?? []);
  if (!isWildcard && !address.startsWith("127.") && !own.includes(address)) {
    error(`warning: ${address} is no address of this host now; the BMC can start only once it is\n`);
  }
}
