/** `vbmc list`: a row for each BMC. */
import type { Command } from "commander";
import type { CliContext } from "../context.js";
import { addFormatOptions, formatFields, type FormatOptions } from "../formats/options.js";

export function registerList(program: Command, context: CliContext): void {
  const list = program
    .command("list")
    .description("List all virtual BMC instances")
    .option("--fakemac", "show the MAC addresses too");
  addFormatOptions(list).action(async (options: FormatOptions & { readonly fakemac?: boolean }) => {
    const response = await context.request({
      ...formatFields(options),
      fakemac: options.fakemac ?? false,
      command: "list",
    });
    const { renderTable } = await import("../formats/render.js");
    context.out(await renderTable(response, options, context));
  });
}
