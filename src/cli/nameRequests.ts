/** What is done for many BMCs, however long it takes. */
import type { ControlResponse, JobName } from "../control/messages.js";
import type { CliContext } from "./context.js";
import { createProgressBar } from "./progressBar.js";

/** For so long nothing may be done before those that are left are given up, ms. */
const stillBoundMs = 60_000;
/** How often a terminal shows how far it is, ms. */
const shownEveryMs = 1_000;

const doneTexts: Readonly<Record<JobName, string>> = { delete: "deleted", start: "started", stop: "stopped" };
const pendingTexts: Readonly<Record<JobName, string>> = {
  delete: "is still being deleted",
  start: "is still starting",
  stop: "is still stopping",
};

export interface NamesOutcome {
  readonly rc: number;
  /** One text for each failure. */
  readonly failures: readonly string[];
  /** Name → its text, as far as the daemon tells whom a text is about. */
  readonly byName: ReadonlyMap<string, string>;
}

export interface WantedNames {
  readonly names: readonly string[];
  /** All that there are: no names then. */
  readonly isAll: boolean;
  /** Whether `byName` is wanted. */
  readonly asksNames?: boolean;
}

/**
 * Asks for it, then waits for those that the answer tells as pending; gives up those that are left when none of them is
 * done for a minute. Throws ControlError.
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
  const timeoutMs = isShown ? shownEveryMs : context.config().serverResponseTimeoutMs;
  // The original's daemon is asked as its own client asks.
  const often = isShown || asksNames ? { timeout_ms: timeoutMs } : {};
  bar.show(0);
  try {
    const first = { vm_names: names, command: job, ...(isAll && { all: true }), ...often };
    return await askOn(job, first, often, context, (pending) => bar.show(Math.max(0, total - pending)));
  } finally {
    bar.end();
  }
}

/** Waits for those that an answer told as pending. Throws ControlError. */
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
    if (performance.now() - movedAt > stillBoundMs) {
      for (const name of pending) {
        byName.set(name, `${name} ${pendingTexts[job]}; see vbmc list`);
      }
      return { rc: 1, failures: [...failures, ...pending.map((name) => byName.get(name) ?? name)], byName };
    }
    request = { vm_names: pending, command: "wait", for: job, ...further };
  }
}

/** Text and, if that is told, name; the texts of those that are pending are behind the others. */
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
