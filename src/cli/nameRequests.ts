/** Runs a job for many BMCs, however long it takes. */
import type { ControlResponse, JobName } from "../control/messages.js";
import type { CliContext } from "./context.js";
import { createProgressBar } from "./progressBar.js";

/** Gives up if no BMC has finished within this time, ms. */
const stillTimeoutMs = 60_000;
/** Interval of progress updates on a terminal, ms. */
const shownIntervalMs = 1_000;

const doneTexts: Readonly<Record<JobName, string>> = { delete: "deleted", start: "started", stop: "stopped" };
const pendingTexts: Readonly<Record<JobName, string>> = {
  delete: "is still being deleted",
  start: "is still starting",
  stop: "is still stopping",
};

export interface NamesOutcome {
  readonly rc: number;
  /** One text per failure. */
  readonly failures: readonly string[];
  /** Name → its text, if the daemon reports names. */
  readonly byName: ReadonlyMap<string, string>;
}

export interface WantedNames {
  readonly names: readonly string[];
  /** All BMCs; `names` is then empty. */
  readonly isAll: boolean;
  /** Whether `byName` is needed. */
  readonly asksNames?: boolean;
}

/**
 * Sends the request, then waits for the BMCs that the answer reports as pending; gives up when none of them finishes for a
 * minute. Throws ControlError.
 */
export async function askForNames(
  job: JobName,
  { names, isAll, asksNames = false }: WantedNames,
  context: CliContext,
): Promise<NamesOutcome> {
  const { progress } = context;
  const total = isAll && progress !== undefined ? await countAll(context) : names.length;
  const bar = createProgressBar(total, doneTexts[job], total > 1 ? progress : undefined);
  const isShown = total > 1 && progress !== undefined;
  const timeoutMs = isShown ? shownIntervalMs : context.config().serverResponseTimeoutMs;
  // The original's daemon gets the same request as from its own client.
  const often = isShown || asksNames ? { timeout_ms: timeoutMs } : {};
  bar.show(0);
  try {
    const first = { vm_names: names, command: job, ...(isAll && { all: true }), ...often };
    return await askOn(job, first, often, context, (pending) => bar.show(Math.max(0, total - pending)));
  } finally {
    bar.end();
  }
}

/** Waits for the BMCs that an answer reported as pending. Throws ControlError. */
export async function waitForNames(job: JobName, names: readonly string[], context: CliContext): Promise<NamesOutcome> {
  return askOn(job, { vm_names: names, command: "wait", for: job }, {}, context, () => undefined);
}

async function askOn(
  job: JobName,
  first: Readonly<Record<string, unknown>>,
  further: Readonly<Record<string, unknown>>,
  context: CliContext,
  onProgress: (pending: number) => void,
): Promise<NamesOutcome> {
  const failures: string[] = [];
  const byName = new Map<string, string>();
  let rc = 0;
  let left = Infinity;
  let movedAt = performance.now();
  for (let request = first; ;) {
    const response = await context.request(request, { takesFailures: true });
    const { pending = [] } = response;
    rc = Math.max(rc, response.rc);
    for (const [text, name] of failuresIn(response)) {
      failures.push(text);
      if (name !== undefined) {
        byName.set(name, text);
      }
    }
    onProgress(pending.length);
    if (pending.length === 0) {
      return { rc, failures, byName };
    }
    if (pending.length < left) {
      movedAt = performance.now();
    }
    left = pending.length;
    if (performance.now() - movedAt > stillTimeoutMs) {
      for (const name of pending) {
        byName.set(name, `${name} ${pendingTexts[job]}; see vbmc list`);
      }
      return { rc: 1, failures: [...failures, ...pending.map((name) => byName.get(name) ?? name)], byName };
    }
    request = { vm_names: pending, command: "wait", for: job, ...further };
  }
}

/** Text and, if reported, name; texts of pending BMCs come last. */
function failuresIn({ rc, msg = [], failed, pending = [] }: ControlResponse): [string, string | undefined][] {
  if (rc === 0) {
    return [];
  }
  return msg.slice(0, msg.length - pending.length).map((text, index) => [text, failed?.[index]]);
}

async function countAll(context: CliContext): Promise<number> {
  const { rows = [] } = await context.request({ command: "list" });
  return rows.length;
}
