/** Asks for a change of a drive, and waits for its end where that is wanted. */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

import type { ControlResponse } from "../control/messages.js";
import { type CliContext, CliError } from "./context.js";
import { createProgressBar } from "./progressBar.js";

/** Longer than the daemon's own bounds, ms. */
const timeoutMs = 12_000;
const pollIntervalMs = 500;

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
  const name = String(request["vm_name"]);
  const look = { command: "media", action: "list", vm_name: name };
  const ask = (asked: Readonly<Record<string, unknown>>): Promise<ControlResponse> =>
    context.request(asked, { timeoutMs });
  const response = waits
    ? await unlessInterrupted(name, async (signal) => {
        const first = await ask(request);
        return action === "list" ? first : untilSettled(first, drive, signal, context, () => ask(look));
      })
    : await ask(request);
  const { state, image, reason } = driveOf(response, drive);
  if (action !== "list" && state === "failed") {
    throw new CliError(reason);
  }
  if (action === "insert" && state === "empty") {
    throw new CliError("the image was ejected meanwhile");
  }
  return { response, state, image };
}

/** Ctrl-C ends the work, but not what it waits for. */
async function unlessInterrupted<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const end = new AbortController();
  const interrupted = once(process, "SIGINT", { signal: end.signal }).then(
    () => {
      interruption.abort();
      throw new CliError(`interrupted: vbmc media list ${name} shows how far it is`, 130);
    },
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([work(interruption.signal), interrupted]);
  } finally {
    end.abort();
  }
}

async function untilSettled(
  first: ControlResponse,
  drive: string,
  signal: AbortSignal,
  { progress }: CliContext,
  ask: () => Promise<ControlResponse>,
): Promise<ControlResponse> {
  let response = first;
  const bar = createProgressBar(100, `% of ${driveOf(first, drive).image}`, progress);
  try {
    while (!signal.aborted && !["empty", "inserted", "failed"].includes(driveOf(response, drive).state)) {
      bar.show(driveOf(response, drive).percent ?? 0);
      await pause(pollIntervalMs);
      response = await ask();
    }
  } finally {
    bar.end();
  }
  return response;
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
