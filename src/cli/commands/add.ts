/** `vbmc add NAME`: adds a BMC, validated here before the request is sent. */
import type { Command } from "commander";

import { addBmcOptions, type BmcOptions, toAddRequest } from "../bmcOptions.js";
import { type CliContext, CliError } from "../context.js";
import { addKeyOptions, keyFields, keyFlags } from "../keyOptions.js";
import { readTextFile } from "../textFile.js";
import { hasPassword } from "./import.js";

interface AddOptions extends BmcOptions {
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
  addKeyOptions(addBmcOptions(add), "add").action(async (vmName: string | undefined, options: AddOptions) => {
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
  if (vmName !== undefined || Object.keys(keyFields({ ...options })).length > 0) {
    const [first = "", ...others] = keyFlags("add").reverse();
    add.error(`error: argument --from-stdin: not allowed with vm_name, ${others.reverse().join(", ")} or ${first}`);
  }
  const { parseBmcList } = await import("../bmcList.js");
  const { failedRows, importBmcs, otherShardsText } = await import("../importBmcs.js");
  const list = parseBmcList(readTextFile("-"), "standard input", hasPassword(add));
  const { rows } = await importBmcs(list, options, context);
  const others = otherShardsText(rows);
  if (others !== undefined) {
    context.error(`${others}\n`);
  }
  const failed = failedRows(rows);
  if (failed.length > 0) {
    throw new CliError(failed.map(([name, , , , detail]) => `${String(name)}: ${String(detail)}`).join("\n"));
  }
}
