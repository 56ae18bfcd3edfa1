/** `vbmc list`: a row for each BMC. */
import type { Command } from "commander";

import { homeFolder } from "../../settings/config/home.js";
import type { CliContext } from "../context.js";
import { addFormatOptions, formatFields, type FormatOptions } from "../formats/options.js";

interface ListOptions extends FormatOptions {
  readonly fakemac?: boolean;
  readonly long?: boolean;
}

export function registerList(program: Command, context: CliContext): void {
  const list = program
    .command("list")
    .description("List all virtual BMC instances")
    .option("--fakemac", "show the MAC addresses too")
    .option("--long", "also show why a BMC is in error, and the state of its VM and its vCenter");
  addFormatOptions(list).action(async (options: ListOptions) => {
    const isLong = options.long === true;
    const response = await context.request({
      ...formatFields(options),
      fakemac: options.fakemac ?? false,
      // The original's daemon does not support it.
      ...(isLong && { long: true }),
      command: "list",
    });
    if (response.rows?.length === 0) {
      const { otherBmcsHint } = await import("../../settings/config/otherPlaces.js");
      const hint = otherBmcsHint(context.config(), context.places, homeFolder());
      if (hint !== undefined) {
        context.error(`warning: ${hint}\n`);
      }
    }
    const { renderTable } = await import("../formats/render.js");
    context.out(await renderTable(response, options, context, { isWide: isLong }));
  });
}
