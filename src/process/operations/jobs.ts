/** Work for many BMCs, which may take longer than the client waits for its answer. */
import type { JobName } from "../../control/messages.js";
import { toText } from "./names.js";

/** Does something for one BMC; resolves with the text of a failure, or undefined. A StoreError is a failure too. */
export type Work = (name: string) => Promise<string | undefined>;

/** What has become of what was to be done for many BMCs. */
export interface JobOutcome {
  readonly failures: readonly { readonly name: string; readonly text: string }[];
  /** Names for which it goes on. */
  readonly pending: readonly string[];
}

/** How long the outcome of pending jobs is kept, ms. */
const keptMs = 60_000;

/**
 * Jobs for many BMCs in parallel. The original's clients wait 5 s for an answer, however many names they give: jobs
 * that take longer are reported as pending, continue, and can be waited for.
 */
export interface Jobs {
  /** Begins `work` for all names; resolves when it is done, or with what is pending after `timeoutMs`. */
  readonly begin: (job: JobName, names: readonly string[], timeoutMs: number, work: Work) => Promise<JobOutcome>;
  /** @param otherwise for those that nothing is known of any more */
  readonly wait: (job: JobName, names: readonly string[], timeoutMs: number, otherwise: Work) => Promise<JobOutcome>;
}

export function createJobs(): Jobs {
  const jobs = new Map<string, Promise<string | undefined>>();

  function forget(key: string, work: Promise<string | undefined>): void {
    if (jobs.get(key) === work) {
      jobs.delete(key);
    }
  }

  function keep(key: string, work: Promise<string | undefined>): void {
    jobs.set(key, work);
    const forgetLater = (): void => void setTimeout(() => forget(key, work), keptMs).unref();
    work.then(forgetLater, forgetLater);
  }

  async function wait(job: JobName, names: readonly string[], timeoutMs: number, otherwise: Work): Promise<JobOutcome> {
    const { due, clear } = createDue(timeoutMs);
    const outcomes = [...new Set(names)].map(async (name) => {
      const key = keyOf(job, name);
      const work = jobs.get(key) ?? otherwise(name).catch(toText);
      const outcome = await Promise.race([work, due]);
      if (outcome === isDue) {
        keep(key, work);
      } else {
        forget(key, work);
      }
      return [name, outcome] as const;
    });
    const settled = await Promise.all(outcomes);
    clear();
    return toOutcome(settled);
  }

  return {
    begin: (job, names, timeoutMs, work) => {
      for (const name of new Set(names)) {
        jobs.set(keyOf(job, name), work(name).catch(toText));
      }
      return wait(job, names, timeoutMs, work);
    },
    wait,
  };
}

/** In the order of the names. */
function toOutcome(
  outcomes: readonly (readonly [name: string, outcome: string | typeof isDue | undefined])[],
): JobOutcome {
  return {
    failures: outcomes.flatMap(([name, outcome]) => (typeof outcome === "string" ? [{ name, text: outcome }] : [])),
    pending: outcomes.flatMap(([name, outcome]) => (outcome === isDue ? [name] : [])),
  };
}

const isDue = Symbol("due");

function createDue(timeoutMs: number): { readonly due: Promise<typeof isDue>; readonly clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const due = new Promise<typeof isDue>((resolve) => (timer = setTimeout(() => resolve(isDue), timeoutMs)));
  return { due, clear: () => clearTimeout(timer) };
}

function keyOf(job: JobName, name: string): string {
  return `${job} ${name}`;
}
