/** `vbmc start`: makes BMCs active. */
import type { NamesRequest } from "../../control/messages.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import type { JobOutcome, Jobs } from "./jobs.js";
import { answerTimeoutMs, namesOf, notFound } from "./names.js";

/** How long `start` waits for the first state of the VM, ms; it is not a failure if none arrives. */
const firstStateTimeoutMs = 2_000;
/** The supervisor gives up on a BMC much earlier; this is for those that queue behind hundreds, ms. */
const startTimeoutMs = 1_800_000;

/**
 * `vbmc start NAME…`: answers when the BMCs listen and know their VMs, or with the reason for each that does not listen
 * or is still starting. They stay active in any case.
 */
export async function startBmcs(request: NamesRequest, supervisor: Supervisor, jobs: Jobs): Promise<JobOutcome> {
  const { store } = supervisor;
  const timeoutMs = answerTimeoutMs(request.timeout_ms, supervisor);
  return jobs.begin("start", namesOf(request, supervisor), timeoutMs, async (name) => {
    if (store.read(name) === undefined) {
      return notFound(name, supervisor);
    }
    await store.update(name, { active: "True" });
    supervisor.clearBackoff(name);
    await supervisor.reconcileSoon();
    return whenStarted(name, supervisor);
  });
}

/** Resolves when a BMC that should run listens and knows its VM, or with the text why it does not listen. */
export async function whenStarted(name: string, supervisor: Supervisor): Promise<string | undefined> {
  await supervisor.whenUp(name, startTimeoutMs);
  // The caller may query the power state next: fencing agents treat "node busy" as a failure.
  await supervisor.whenKnown(name, firstStateTimeoutMs);
  return failureText(name, supervisor);
}

/** Why a BMC that should run does not; undefined if it does. */
export function failureText(name: string, supervisor: Supervisor): string | undefined {
  const bmc = supervisor.running.get(name);
  if (bmc?.state === "running") {
    return undefined;
  }
  if (bmc === undefined || bmc.state === "stopping") {
    return `${name} was stopped before it was up`;
  }
  if (bmc.state === "error") {
    return `${name} does not listen on ${bmc.address} port ${bmc.port}: ${bmc.reason ?? ""}`;
  }
  return `${name} is still starting; see vbmc list`;
}
