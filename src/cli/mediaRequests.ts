/** Asks for a change of a drive, and waits for its end where that is wanted. */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

import type { ControlResponse } from "../control/messages.js";
import { type CliContext, CliError } from "./context.js";
import { createProgressBar } from "./progressBar.js";

/** Longer than the daemon's own bounds, ms. */
const boundMs = 12_000;
const pollMs = 500;

export interface MediaOutcome {
  readonly response: ControlResponse;
  /** Of the drive: `empty`, `inserted`, or a stage of what is under way. */
  readonly state: string;
  readonly image: string;
}

export interface MediaWish {
  readonly action: string;
  /** As the daemon names it. */
  readonly drive: string;
  readonly waits: boolean;
}

interface Drive {
  readonly state: string;
  readonly image: string;
  readonly percent: number | undefined;
  readonly reason: string;
}

/** Throws CliError when it has failed, with 130 for Ctrl-C: the image goes on then. */
export async function askForMedia(
  request: Readonly<Record<string, unknown>>,
  { action, drive, waits }: MediaWish,
  context: CliContext,
): Promise<MediaOutcome> {
  const ask = (asked: Readonly<Record<string, unknown>>): Promise<ControlResponse> =>
    context.request(asked, { timeoutMs: boundMs });
  let response = await ask(request);
  const isPending = (): boolean =>
    action !== "list" && !["empty", "inserted", "failed"].includes(driveOf(response, drive).state);
  if (waits && isPending()) {
    const bar = createProgressBar(100, `% of ${driveOf(response, drive).image}`, context.progress);
    const interruption = new AbortController();
    const interrupted = once(process, "SIGINT", { signal: interruption.signal }).then(
      () => {
        throw new CliError(`interrupted: vbmc media list ${String(request["vm_name"])} shows how far it is`, 130);
      },
      () => undefined,
    );
    try {
      while (isPending()) {
        bar.show(driveOf(response, drive).percent ?? 0);
        await Promise.race([pause(pollMs), interrupted]);
        response = await ask({ command: "media", action: "list", vm_name: request["vm_name"] });
      }
    } finally {
      interruption.abort();
      bar.end();
    }
  }
  const { state, image, reason } = driveOf(response, drive);
  if (action !== "list" && state === "failed") {
    throw new CliError(reason);
  }
  if (action === "insert" && state === "empty") {
    throw new CliError("the image was ejected meanwhile");
  }
  return { response, state, image };
}

function driveOf({ header = [], rows = [] }: ControlResponse, drive: string): Drive {
  const row = rows.find((each) => each[header.indexOf("Drive")] === drive) ?? [];
  const cell = (name: string): string | number | null => row[header.indexOf(name)] ?? null;
  const percent = cell("Progress");
  return {
    state: String(cell("State") ?? "empty"),
    image: String(cell("Image") ?? "the image"),
    percent: typeof percent === "number" ? percent : undefined,
    reason: String(cell("Reason") ?? "the drive could not be changed"),
  };
}
