import type { ControlResponse, JobName } from "../../control/messages.js";
import { toText } from "./names.js";

/** Does something for one BMC; resolves with the text of a failure, or undefined. A StoreError is a failure too. */
export type Work = (name: string) => Promise<string | undefined>;

export interface AnswerForm {
  /** How long the answer may take, ms. */
  readonly boundMs: number;
  readonly namesInAnswer: boolean;
}

/** How long the outcome of pending jobs is kept, ms. */
const keptMs = 60_000;

const pendingTexts: Readonly<Record<JobName, string>> = {
  delete: "is still being deleted",
  start: "is still starting",
  stop: "is still stopping",
};

/**
 * Jobs for many BMCs in parallel. The original's clients wait 5 s for an answer, however many names they give: jobs
 * that take longer are reported as pending, continue, and can be waited for.
 */
export interface Jobs {
  /**
   * Starts `work` for all names.
   * @param tellsNames also returns the names that the texts are about, unlike the original's answers
   */
  readonly begin: (job: JobName, names: readonly string[], form: AnswerForm, work: Work) => Promise<ControlResponse>;
  /** @param otherwise for those whose outcome is no longer known */
  readonly wait: (
    job: JobName,
    names: readonly string[],
    timeoutMs: number,
    otherwise: Work,
  ) => Promise<ControlResponse>;
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

  async function wait(
    job: JobName,
    names: readonly string[],
    timeoutMs: number,
    otherwise: Work,
  ): Promise<ControlResponse> {
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
    return toResponse(job, settled);
  }

  return {
    begin: async (job, names, { boundMs, namesInAnswer }, work) => {
      for (const name of new Set(names)) {
        jobs.set(keyOf(job, name), work(name).catch(toText));
      }
      const { failed, ...answer } = await wait(job, names, boundMs, work);
      return failed === undefined || !namesInAnswer ? answer : { ...answer, failed };
    },
    wait,
  };
}

/** rc 1 if one failed; texts in the order of the names, pending ones last. */
function toResponse(
  job: JobName,
  outcomes: readonly (readonly [name: string, outcome: string | typeof isDue | undefined])[],
): ControlResponse {
  const failures = outcomes.flatMap(([name, outcome]) =>
    typeof outcome === "string" ? [{ name, text: outcome }] : [],
  );
  const pending = outcomes.flatMap(([name, outcome]) => (outcome === isDue ? [name] : []));
  return {
    rc: failures.length === 0 ? 0 : 1,
    msg: [...failures.map(({ text }) => text), ...pending.map((name) => `${name} ${pendingTexts[job]}; see vbmc list`)],
    ...(failures.length === 0 ? {} : { failed: failures.map(({ name }) => name) }),
    ...(pending.length === 0 ? {} : { pending }),
  };
}

const isDue = Symbol("due");

function createDue(boundMs: number): { readonly due: Promise<typeof isDue>; readonly clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const due = new Promise<typeof isDue>((resolve) => (timer = setTimeout(() => resolve(isDue), boundMs)));
  return { due, clear: () => clearTimeout(timer) };
}

function keyOf(job: JobName, name: string): string {
  return `${job} ${name}`;
}
