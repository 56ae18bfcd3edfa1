/** The replies to commands for many BMCs. */
import { defined } from "../../base/defined.js";
import type { ControlResponse, JobName } from "../../control/messages.js";
import type { JobOutcome } from "../operations/jobs.js";

const pendingTexts: Readonly<Record<JobName, string>> = {
  delete: "is still being deleted",
  start: "is still starting",
  stop: "is still stopping",
};

/**
 * rc 1 if one failed; texts in the order of the names, those that are pending behind.
 * @param hasNames also returns by name whom the texts are about, which the original's answers do not
 */
export function renderJob(job: JobName, { failures, pending }: JobOutcome, hasNames: boolean): ControlResponse {
  const hasFailed = failures.length > 0;
  return {
    rc: hasFailed ? 1 : 0,
    msg: [...failures.map(({ text }) => text), ...pending.map((name) => `${name} ${pendingTexts[job]}; see vbmc list`)],
    ...defined({
      failed: hasFailed && hasNames ? failures.map(({ name }) => name) : undefined,
      pending: pending.length > 0 ? [...pending] : undefined,
    }),
  };
}
