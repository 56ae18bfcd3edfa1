/** `vbmc add NAME`: adds a BMC, validated here before the request is sent. */
import type { Command } from "commander";

import { addBmcOptions, type BmcOptions, toAddRequest } from "../bmcOptions.js";
import { type CliContext, CliError } from "../context.js";
import { toInteger } from "../numbers.js";
import { readTextFile } from "../textFile.js";
import { hasPassword } from "./import.js";

interface AddOptions extends BmcOptions {
  readonly fakemac?: string;
  readonly vmUuid?: string;
  readonly redfishPort?: number;
  readonly console?: string;
  readonly fromStdin?: boolean;
  readonly atomic?: boolean;
}

export function registerAdd(program: Command, context: CliContext): void {
  const add = program
    .command("add")
    .description("Create a new virtual BMC for a virtual machine")
    .argument("[vm_name]", "the name of the virtual machine")
    .option("--from-stdin", "add the BMCs that standard input lists, like import -")
    .option("--atomic", "with --from-stdin: add all of them or none");
  addBmcOptions(add)
    .option("--fakemac <fakemac>", "the MAC address that the BMC reports (default: derived from the name)")
    .option("--vm-uuid <vm_uuid>", "find the virtual machine by this UUID instead of its name")
    .option("--redfish-port <port>", "serve Redfish too, on this TCP port", toInteger)
    .option(
      "--console <console>",
      "how the console is reached: off, concentrator, tcp://HOST:PORT or tcp-listen://ADDRESS:PORT",
    )
    .action(async (vmName: string | undefined, options: AddOptions) => {
      if (options.fromStdin === true) {
        await addListed(vmName, options, add, context);
        return;
      }
      if (vmName === undefined) {
        return add.error("error: missing required argument 'vm_name'", { code: "commander.missingArgument" });
      }
      const request = await toAddRequest(vmName, options);
      const { validateAdd, halfCredentials } = await import("../../control/validation.js");
      const fault = validateAdd(request);
      if (fault !== undefined) {
        throw new CliError(fault === halfCredentials ? fault : `${fault}; nothing was added`);
      }
      const { warnOfForeignAddress } = await import("../foreignAddress.js");
      await warnOfForeignAddress(request.address, context);
      await context.request(request);
    });
}

/** Reports only the BMCs that were not added, like add. */
async function addListed(
  vmName: string | undefined,
  options: AddOptions,
  add: Command,
  context: CliContext,
): Promise<void> {
  const ofOne = [vmName, options.vmUuid, options.fakemac, options.redfishPort, options.console];
  if (ofOne.some((value) => value !== undefined)) {
    add.error(
      "error: argument --from-stdin: not allowed with vm_name, --vm-uuid, --fakemac, --redfish-port or --console",
    );
  }
  const { parseBmcList } = await import("../bmcList.js");
  const { importBmcs } = await import("../importBmcs.js");
  const list = parseBmcList(readTextFile("-"), "standard input", hasPassword(add));
  const { rows } = await importBmcs(list, options, context);
  const failed = rows.filter(([, , , result]) => result !== "added");
  if (failed.length > 0) {
    throw new CliError(failed.map(([name, , , , detail]) => `${String(name)}: ${String(detail)}`).join("\n"));
  }
}
