/** `vbmc export`: prints BMCs in the form that `vbmc import` reads. */
import type { Command } from "commander";

import type { Cell } from "../../control/messages.js";
import { type CliContext, failureOf } from "../context.js";
import { toChoice } from "../formats/options.js";

const exportFormats = ["json", "csv"] as const;

interface ExportOptions {
  readonly format: (typeof exportFormats)[number];
  readonly withPasswords?: boolean;
}

/** Timeout for the daemon to read all files, ms. */
const timeoutMs = 60_000;

export function registerExport(program: Command, context: CliContext): void {
  program
    .command("export")
    .description("Print virtual BMCs in the form that import reads")
    .argument("[vm_names...]", "names of virtual machines (default: all)")
    .option("-f, --format <format>", "json or csv", toChoice(exportFormats), "json")
    .option("--with-passwords", "print passwords and BMC keys too: keep the output secret")
    .action(async (names: string[], { format, withPasswords }: ExportOptions) => {
      const request = { command: "export", vm_names: names, with_passwords: withPasswords === true };
      const response = await context.request(request, { timeoutMs, takesFailures: true });
      const { rc, header = [], rows = [] } = response;
      if (rc !== 0 && rows.length === 0) {
        throw failureOf(response);
      }
      if (format === "csv") {
        // Not cliff's CSV, which escapes backslashes: a password may contain them.
        const { stringify } = await import("csv-stringify/sync");
        context.out(stringify([header, ...rows.map((row) => row.map((cell) => cell ?? ""))]));
      } else {
        const bmcs = rows.map((row) => toObject(header, row, withPasswords === true));
        context.out(`${JSON.stringify(bmcs, undefined, 2)}\n`);
      }
      if (rc !== 0) {
        throw failureOf(response);
      }
    });
}

/** Omits unset values; a withheld password is null, so that import asks for one. */
function toObject(header: readonly string[], row: readonly Cell[], withPasswords: boolean): Record<string, unknown> {
  const entries = header.map((name, index): readonly [string, unknown] => [name, plain(name, row[index] ?? null)]);
  return Object.fromEntries(
    entries.filter(([name, value]) => value !== null || (name === "password" && !withPasswords)),
  );
}

function plain(name: string, cell: Cell): unknown {
  if (cell === null) {
    return null;
  }
  if (name === "other") {
    return JSON.parse(String(cell));
  }
  return name === "active" || name === "viserver_insecure" ? String(cell).toLowerCase() === "true" : cell;
}
