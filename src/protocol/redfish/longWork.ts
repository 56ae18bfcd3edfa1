/** What may take longer than a client waits: its own result, or 202 with a task (DSP0266 "Asynchronous operations"). */
import type { RedfishRequest, RedfishResponse } from "./exchange.js";
import type { CommonParts, VisitedRequest } from "./resource.js";
import { taskAccepted } from "./tasks.js";

export interface LongWork {
  /** Of the task. */
  readonly name: string;
  /** Never rejects. */
  readonly result: Promise<RedfishResponse>;
  /** Whatever takes longer than this is a task, ms. */
  readonly timeoutMs: number;
  /** 0 to 100; undefined while that is not known. */
  readonly percentComplete?: (() => number | undefined) | undefined;
}

export async function resultOrTask(
  { headers }: Pick<RedfishRequest, "headers">,
  { tasks, principal, timers }: CommonParts & Pick<VisitedRequest, "principal">,
  { name, result, timeoutMs, percentComplete }: LongWork,
): Promise<RedfishResponse> {
  const isTaskWanted = /\brespond-async\b/i.test(headers["prefer"] ?? "");
  const response = isTaskWanted ? undefined : await withinBound(result, timers, timeoutMs);
  return response ?? taskAccepted(tasks.begin({ name, userId: principal?.userId ?? 0, percentComplete }, result));
}

function withinBound(
  work: Promise<RedfishResponse>,
  timers: CommonParts["timers"],
  timeoutMs: number,
): Promise<RedfishResponse | undefined> {
  return new Promise((resolve) => {
    const cancel = timers.after(timeoutMs, () => resolve(undefined));
    void work.then((result) => {
      cancel();
      resolve(result);
    });
  });
}
