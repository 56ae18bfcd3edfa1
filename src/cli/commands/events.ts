/** `vbmc events`: lists events, and with --follow prints new ones. */
import { setTimeout as wait } from "node:timers/promises";

import { type Command, InvalidArgumentError } from "commander";

import { reasonOf } from "../../base/errors.js";
import type { ControlResponse } from "../../control/messages.js";
import type { CliContext } from "../context.js";
import { addFormatOptions, type FormatOptions } from "../formats/options.js";

interface EventsOptions extends FormatOptions {
  readonly follow?: boolean;
  readonly last?: number;
}

/** The share of the response timeout for which the daemon may wait for events. */
const waitingShare = 0.8;
const maxWaitMs = 60_000;
/** Reconnect interval after the daemon has gone, ms. */
const retryMs = 2_000;
/** How many earlier events --follow shows. */
const shownBefore = 10;

export function registerEvents(program: Command, context: CliContext): void {
  const events = program
    .command("events")
    .description("Show what happened: commands, logins, BMCs, VMs and vCenters, from the daemon and the SELs")
    .argument("[names...]", "only events of these virtual machines or vCenter servers")
    .option("--follow", "keep printing new events until Ctrl-C")
    .option("-n, --last <count>", "only the last so many events", toCount);
  addFormatOptions(events).action(async (names: string[], options: EventsOptions) => {
    const first = await context.request({ command: "events", vm_names: names });
    const last = options.last ?? (options.follow === true ? shownBefore : Infinity);
    const shown = { ...first, rows: last === 0 ? [] : (first.rows ?? []).slice(-last) };
    if (options.follow !== true) {
      const { renderTable } = await import("../formats/render.js");
      context.out(await renderTable(shown, options, context, { isSorted: true }));
      return;
    }
    await follow(names, shown, options, context);
  });
}

async function follow(
  names: readonly string[],
  first: ControlResponse,
  options: FormatOptions,
  context: CliContext,
): Promise<never> {
  const { renderLines } = await import("../formats/lines.js");
  const { header = [] } = first;
  const wait_ms = Math.min(maxWaitMs, Math.floor(context.config().serverResponseTimeoutMs * waitingShare));
  let { rows = [], cursor: after } = first;
  let isGone = false;
  for (let isFirst = true; ; isFirst = false) {
    context.out(await renderLines({ header, rows }, options, { isFirst }));
    try {
      ({ rows = [], cursor: after } = await context.request({ command: "events", vm_names: names, after, wait_ms }));
      isGone = false;
    } catch (error) {
      rows = [];
      if (!isGone) {
        context.error(`${reasonOf(error)}\nWaiting for it.\n`);
      }
      isGone = true;
      await wait(retryMs);
    }
  }
}

function toCount(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new InvalidArgumentError(`invalid non_negative int value: '${text}'`);
  }
  return Number(text);
}
