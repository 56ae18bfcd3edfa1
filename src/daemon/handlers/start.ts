import type { ControlResponse, NamesRequest } from "../../control/messages.js";
import type { Supervisor } from "../supervisor.js";
import { namesOf, notFound, perName } from "./perName.js";

/** A vCenter that is there has told the state of a VM by then, ms; one that is not is no failure of the start. */
const firstStateBoundMs = 2_000;

/**
 * `vbmc start NAME…`: answers when the BMCs listen and know their VMs, or says of each why it does not listen. They stay
 * active either way.
 */
export async function startBmcs(request: NamesRequest, supervisor: Supervisor): Promise<ControlResponse> {
  const { store, config } = supervisor;
  // The client stops listening at the end of its response time-out: an answer must be there before.
  const boundMs = (request.timeout_ms ?? config.serverResponseTimeoutMs) * 0.9;
  const startedAt = Date.now();
  return perName(namesOf(request, supervisor), async (name) => {
    if (store.read(name) === undefined) return notFound(name, supervisor);
    await store.update(name, { active: "True" });
    supervisor.forgive(name);
    await supervisor.soon();
    const leftMs = () => Math.max(0, boundMs - (Date.now() - startedAt));
    await supervisor.whenUp(name, leftMs());
    // Whoever starts it may ask for the power state next: fencing agents take "node busy" for a failure.
    await supervisor.whenKnown(name, Math.min(firstStateBoundMs, leftMs()));
    return failureText(name, supervisor);
  });
}

/** Why a BMC that should run does not; undefined when it does. */
export function failureText(name: string, supervisor: Supervisor): string | undefined {
  const bmc = supervisor.running.get(name);
  if (bmc?.state === "running") return undefined;
  if (bmc === undefined || bmc.state === "stopping") return `${name} was stopped before it was up`;
  if (bmc.state === "error") return `${name} does not listen on ${bmc.address} port ${bmc.port}: ${bmc.reason ?? ""}`;
  return `${name} is still starting; see vbmc list`;
}
