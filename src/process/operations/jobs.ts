import type { ControlResponse, JobName } from "../../control/messages.js";
import { toText } from "./names.js";

/** Does something for one BMC; resolves to the text of a failure, or undefined. A StoreError is a failure too. */
export type Work = (name: string) => Promise<string | undefined>;

export interface AnswerForm {
  /** How long the answer may take, ms. */
  readonly boundMs: number;
  readonly tellsNames: boolean;
}

/** How long the outcome is kept of what was told as pending, ms. */
const keptMs = 60_000;

const pendingTexts: Readonly<Record<JobName, string>> = {
  delete: "is still being deleted",
  start: "is still starting",
  stop: "is still stopping",
};

/**
 * What is done for many BMCs at once. The original's clients wait 5 s for an answer, however many names they give: what
 * takes longer is told as pending, goes on, and can be waited for.
 */
export class Jobs {
  readonly #jobs = new Map<string, Promise<string | undefined>>();

  /**
   * Begins `work` for all names.
   * @param tellsNames also tells by name whom the texts are about, which the original's answers do not
   */
  async begin(
    job: JobName,
    names: readonly string[],
    { boundMs, tellsNames }: AnswerForm,
    work: Work,
  ): Promise<ControlResponse> {
    for (const name of new Set(names)) {
      this.#jobs.set(keyOf(job, name), work(name).catch(toText));
    }
    const { failed, ...answer } = await this.#answer(job, names, boundMs, work);
    return failed === undefined || !tellsNames ? answer : { ...answer, failed };
  }

  /** @param otherwise for those that nothing is known of any more */
  async wait(job: JobName, names: readonly string[], boundMs: number, otherwise: Work): Promise<ControlResponse> {
    return this.#answer(job, names, boundMs, otherwise);
  }

  /** rc 1 if one failed; texts in the order of the names, those that are pending behind. */
  async #answer(job: JobName, names: readonly string[], boundMs: number, otherwise: Work): Promise<ControlResponse> {
    const { due, clear } = createDue(boundMs);
    const failures: [name: string, text: string][] = [];
    const pending: string[] = [];
    const outcomes = [...new Set(names)].map(async (name) => {
      const key = keyOf(job, name);
      const work = this.#jobs.get(key) ?? otherwise(name).catch(toText);
      const outcome = await Promise.race([work, due]);
      if (outcome === isDue) {
        this.#keep(key, work);
      } else if (this.#jobs.get(key) === work) {
        this.#jobs.delete(key);
      }
      return [name, outcome] as const;
    });
    for (const [name, outcome] of await Promise.all(outcomes)) {
      if (outcome === isDue) {
        pending.push(name);
      } else if (outcome !== undefined) {
        failures.push([name, outcome]);
      }
    }
    clear();
    return {
      rc: failures.length === 0 ? 0 : 1,
      msg: [
        ...failures.map(([, text]) => text),
        ...pending.map((name) => `${name} ${pendingTexts[job]}; see vbmc list`),
      ],
      ...(failures.length === 0 ? {} : { failed: failures.map(([name]) => name) }),
      ...(pending.length === 0 ? {} : { pending }),
    };
  }

  #keep(key: string, work: Promise<string | undefined>): void {
    this.#jobs.set(key, work);
    const forget = (): void => {
      if (this.#jobs.get(key) === work) {
        this.#jobs.delete(key);
      }
    };
    const forgetLater = (): void => void setTimeout(forget, keptMs).unref();
    work.then(forgetLater, forgetLater);
  }
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
