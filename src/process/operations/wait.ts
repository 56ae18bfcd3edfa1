/** Waits for what an earlier command has begun. */
import type { JobName, WaitRequest } from "../../control/messages.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import type { JobOutcome, Jobs, Work } from "./jobs.js";
import { answerTimeoutMs } from "./names.js";
import { whenStarted } from "./start.js";
import { stopTimeoutMs } from "./stop.js";

/** What has become of BMCs that an answer told as pending. */
export async function waitForBmcs(request: WaitRequest, supervisor: Supervisor, jobs: Jobs): Promise<JobOutcome> {
  const timeoutMs = answerTimeoutMs(request.timeout_ms, supervisor);
  return jobs.wait(request.for, request.vm_names, timeoutMs, outcomes(supervisor)[request.for]);
}

/** The state of BMCs for which no job is in progress. */
function outcomes(supervisor: Supervisor): Readonly<Record<JobName, Work>> {
  return {
    start: (name) => whenStarted(name, supervisor),
    stop: async (name) => {
      await supervisor.whenDown(name, stopTimeoutMs);
      return undefined;
    },
    delete: (name) => Promise.resolve(supervisor.store.read(name) === undefined ? undefined : `${name} is still there`),
  };
}
