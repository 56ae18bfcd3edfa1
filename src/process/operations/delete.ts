/** `vbmc delete`: stops BMCs and removes their files. */
import type { NamesRequest } from "../../control/messages.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import type { JobOutcome, Jobs } from "./jobs.js";
import { answerTimeoutMs, notFound } from "./names.js";
import { stopTimeoutMs } from "./stop.js";

/** `vbmc delete NAME…`: stops the BMCs and removes their folders; answers when that is done, or says which take longer. */
export async function deleteBmcs(request: NamesRequest, supervisor: Supervisor, jobs: Jobs): Promise<JobOutcome> {
  const timeoutMs = answerTimeoutMs(request.timeout_ms, supervisor);
  return jobs.begin("delete", request.vm_names, timeoutMs, async (name) => {
    if (supervisor.store.read(name) === undefined) {
      return `Command failed: ${notFound(name, supervisor)}`;
    }
    const release = await supervisor.hold(name);
    try {
      await supervisor.whenDown(name, stopTimeoutMs);
      await supervisor.store.delete(name);
    } finally {
      release();
    }
    return undefined;
  });
}
