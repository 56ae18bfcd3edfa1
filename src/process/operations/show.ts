/** `vbmc show`: everything about one BMC. */
import type { Supervisor } from "../supervisor/supervisor.js";
import { notFound } from "./names.js";
import { OperationError } from "./operationError.js";
import { type BmcOverview, overviewOf } from "./overview.js";

export interface BmcDetails extends BmcOverview {
  /** PID of the process that serves it. */
  readonly pid: number | undefined;
  /** ms since the epoch. */
  readonly runningSince: number | undefined;
  /** Of the certificate that its Redfish service shows. */
  readonly redfishFingerprint: string | undefined;
}

/** `vbmc show NAME`. Throws OperationError when there is none of that name. */
export function showBmc(name: string, supervisor: Supervisor): BmcDetails {
  const entry = supervisor.store.read(name);
  if (entry === undefined) {
    throw new OperationError(`Command failed: ${notFound(name, supervisor)}`);
  }
  const overview = overviewOf(name, entry, supervisor);
  const { pid, runningSince } = supervisor.running.get(name) ?? {};
  const redfishFingerprint = overview.redfishUrl === undefined ? undefined : supervisor.redfishFingerprint;
  return { ...overview, pid, runningSince, redfishFingerprint };
}
