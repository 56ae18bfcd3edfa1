/** `vbmc discover`: lists the VMs that an account sees, as input for import. */
import type { Command } from "commander";

import { defined } from "../../base/defined.js";
import { accountFields, type AccountOptions, addAccountOptions } from "../accountOptions.js";
import type { CliContext } from "../context.js";
import { addFormatOptions, formatFields, type FormatOptions } from "../formats/options.js";
import { toSeconds } from "../numbers.js";

interface DiscoverOptions extends AccountOptions, FormatOptions {
  readonly folder?: string;
  readonly match?: string;
  readonly timeout: number;
}

export function registerDiscover(program: Command, context: CliContext): void {
  const discover = program.command("discover").description("List the virtual machines that a vSphere account sees");
  addAccountOptions(discover)
    .option("--folder <folder>", "only those below a folder: its name, or its path such as Datacenter/vm/Lab")
    .option("--match <pattern>", "only those whose names match: * is any text, ? any character")
    .option("--timeout <seconds>", "how long to wait for the result", toSeconds, 60);
  addFormatOptions(discover).action(async (options: DiscoverOptions) => {
    const account = await accountFields(options);
    for (const field of ["viserver", "viserver_username", "viserver_password"] as const) {
      if (account[field] === undefined || account[field] === "") {
        discover.error(`error: argument --${field.replaceAll("_", "-")}: needed to log in`);
      }
    }
    const { folder, match } = options;
    const timeoutMs = options.timeout * 1_000;
    const request = {
      ...formatFields(options),
      ...account,
      ...defined({ folder, match }),
      timeout_ms: timeoutMs,
      command: "discover",
    };
    // The daemon gives up within this time, and then still has to reply.
    const response = await context.request(request, { timeoutMs: timeoutMs + 2_000 });
    const { renderTable } = await import("../formats/render.js");
    context.out(await renderTable(response, options, context));
  });
}
