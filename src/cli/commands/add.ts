/** `vbmc add NAME`: a new BMC, checked here before the daemon is asked. */
import { networkInterfaces } from "node:os";
import type { Command } from "commander";
import type { AddRequest } from "../../control/messages.js";
import { accountFields, addAccountOptions, type AccountFields, type AccountOptions } from "../accountOptions.js";
import { CliError, type CliContext } from "../context.js";
import { toInteger } from "../numbers.js";

interface AddOptions extends AccountOptions {
  readonly username: string;
  readonly password: string;
  readonly port: number;
  readonly address: string;
  readonly fakemac?: string;
  readonly vmUuid?: string;
  readonly kg?: string;
}

export function registerAdd(program: Command, context: CliContext): void {
  const add = program
    .command("add")
    .description("Create a new virtual BMC for a virtual machine")
    .argument("<vm_name>", "the name of the virtual machine")
    .option("--username <username>", "the BMC username", "admin")
    .option("--password <password>", "the BMC password", "password")
    .option("--port <port>", "the UDP port that the BMC listens on", toInteger, 6230)
    .option("--address <address>", "the address that the BMC listens on", "::")
    .option("--fakemac <fakemac>", "the MAC address that the BMC tells (default: made from the name)");
  addAccountOptions(add)
    .option("--vm-uuid <vm_uuid>", "find the virtual machine by this UUID instead of its name")
    .option("--kg <kg>", "the BMC key Kg: up to 20 bytes of text, or 0x and 40 hex digits")
    .action(async (vmName: string, options: AddOptions) => {
      const request = toRequest(vmName, options, await accountFields(options));
      const { addFault, halfCredentials } = await import("../../control/validation.js");
      const fault = addFault(request);
      if (fault !== undefined) {
        throw new CliError(fault === halfCredentials ? fault : `${fault}; nothing was added`);
      }
      warnOfForeignAddress(request.address, context);
      await context.request(request);
    });
}

function toRequest(vmName: string, options: AddOptions, account: AccountFields): AddRequest {
  return {
    viserver: null,
    viserver_password: null,
    viserver_username: null,
    ...account,
    address: options.address,
    fakemac: options.fakemac ?? null,
    password: options.password,
    port: options.port,
    username: options.username,
    vm_name: vmName,
    vm_uuid: options.vmUuid ?? null,
    command: "add",
    ...(options.kg !== undefined && { kg: options.kg }),
  };
}

/** The address may come later (a VPN, a container's network), so it is no error. */
function warnOfForeignAddress(address: string, { error }: CliContext): void {
  const isWildcard = address === "::" || address === "0.0.0.0";
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map((each) => each.address) ?? []);
  if (!isWildcard && !address.startsWith("127.") && !own.includes(address)) {
    error(`warning: ${address} is no address of this host now; the BMC can start only once it is\n`);
  }
}
