/** `vbmc stop`: makes BMCs inactive. */
import type { NamesRequest } from "../../control/messages.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import type { JobOutcome, Jobs } from "./jobs.js";
import { answerTimeoutMs, namesOf, notFound } from "./names.js";

/** The supervisor ends a child that does not listen within seconds; a host that swaps takes longer, ms. */
export const stopTimeoutMs = 60_000;

/** `vbmc stop NAME…`: answers when the BMCs' ports are free, or says which are still stopping. */
export async function stopBmcs(request: NamesRequest, supervisor: Supervisor, jobs: Jobs): Promise<JobOutcome> {
  const timeoutMs = answerTimeoutMs(request.timeout_ms, supervisor);
  return jobs.begin("stop", namesOf(request, supervisor), timeoutMs, async (name) => {
    if (supervisor.store.read(name) === undefined) {
      return notFound(name, supervisor);
    }
    await supervisor.store.update(name, { active: "False" });
    await supervisor.reconcileSoon();
    await supervisor.whenDown(name, stopTimeoutMs);
    return undefined;
  });
}
