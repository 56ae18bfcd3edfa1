/** `vbmc add NAME`: a new BMC, checked here before the daemon is asked. */
import { networkInterfaces } from "node:os";
import type { Command } from "commander";
import { addBmcOptions, toAddRequest, type BmcOptions } from "../bmcOptions.js";
import { CliError, type CliContext } from "../context.js";

interface AddOptions extends BmcOptions {
  readonly fakemac?: string;
  readonly vmUuid?: string;
}

export function registerAdd(program: Command, context: CliContext): void {
  const add = program
    .command("add")
    .description("Create a new virtual BMC for a virtual machine")
    .argument("<vm_name>", "the name of the virtual machine");
  addBmcOptions(add)
    .option("--fakemac <fakemac>", "the MAC address that the BMC tells (default: made from the name)")
    .option("--vm-uuid <vm_uuid>", "find the virtual machine by this UUID instead of its name")
    .action(async (vmName: string, options: AddOptions) => {
      const request = await toAddRequest(vmName, options);
      const { addFault, halfCredentials } = await import("../../control/validation.js");
      const fault = addFault(request);
      if (fault !== undefined) {
        throw new CliError(fault === halfCredentials ? fault : `${fault}; nothing was added`);
      }
      warnOfForeignAddress(request.address, context);
      await context.request(request);
    });
}

/** The address may come later (a VPN, a container's network), so it is no error. */
function warnOfForeignAddress(address: string, { error }: CliContext): void {
  const isWildcard = address === "::" || address === "0.0.0.0";
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map((each) => each.address) ?? []);
  if (!isWildcard && !address.startsWith("127.") && !own.includes(address)) {
    error(`warning: ${address} is no address of this host now; the BMC can start only once it is\n`);
  }
}
