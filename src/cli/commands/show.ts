/** `vbmc show NAME`: prints the properties of one BMC. */
import type { Command } from "commander";

import type { CliContext } from "../context.js";
import { addFormatOptions, formatFields, type FormatOptions } from "../formats/options.js";

/** The original's properties; our additional ones follow them. */
const originalProperties: readonly string[] = [
  "active",
  "address",
  "fakemac",
  "password",
  "port",
  "status",
  "username",
  "viserver",
  "viserver_password",
  "viserver_username",
  "vm_name",
  "vm_uuid",
];

export function registerShow(program: Command, context: CliContext): void {
  const show = program
    .command("show")
    .description("Show virtual BMC properties")
    .argument("<vm_name>", "the name of the virtual machine")
    .option("--long", "show further properties, such as its process and the state of its vCenter");
  addFormatOptions(show).action(async (vmName: string, options: FormatOptions & { readonly long?: boolean }) => {
    const long = options.long === true;
    // The original's daemon does not support `long`.
    const request = { ...formatFields(options), vm_name: vmName, command: "show", ...(long && { long: true }) };
    const { header = [], rows = [] } = await context.request(request);
    const { byCodePoints } = await import("../formats/table.js");
    const byName = (a: readonly unknown[], b: readonly unknown[]): number => byCodePoints(String(a[0]), String(b[0]));
    const original = rows.filter(([name]) => originalProperties.includes(String(name))).sort(byName);
    const further = rows.filter(([name]) => !originalProperties.includes(String(name))).sort(byName);
    const { renderTable } = await import("../formats/render.js");
    context.out(await renderTable({ header, rows: [...original, ...further] }, options, context, { isSorted: true }));
  });
}
