/** `vbmc check [NAME…]`: checks every step from the configuration to the VM, with a remedy for each failure. */
import type { Command } from "commander";

import { type CliContext, CliError } from "../context.js";
import { addFormatOptions, formatFields, type FormatOptions } from "../formats/options.js";
import { toSeconds } from "../numbers.js";

interface CheckOptions extends FormatOptions {
  readonly timeout: number;
}

const statusColumn = 2;

export function registerCheck(program: Command, context: CliContext): void {
  const check = program
    .command("check")
    .description("Check each step from a BMC to its virtual machine, and say what to do where one fails")
    .argument("[vm_names...]", "names of virtual machines (default: all BMCs, except stopped ones)")
    .option("--timeout <seconds>", "how long to wait for the result", toSeconds, 30);
  addFormatOptions(check).action(async (names: string[], options: CheckOptions) => {
    const timeoutMs = options.timeout * 1_000;
    const request = { ...formatFields(options), vm_names: names, timeout_ms: timeoutMs, command: "check" };
    // The daemon gives up within this time, and then still has to reply.
    const response = await context.request(request, { timeoutMs: timeoutMs + 2_000 });
    const { renderTable } = await import("../formats/render.js");
    context.out(await renderTable(response, options, context, { isSorted: true, isWide: true }));
    const rows = response.rows ?? [];
    const failed = rows.filter((row) => row[statusColumn] === "failed");
    if (failed.length > 0) {
      const bmcs = (of: typeof rows): number => new Set(of.map(([name]) => name)).size;
      throw new CliError(`${bmcs(failed)} of ${bmcs(rows)} BMCs have failed steps`);
    }
  });
}
