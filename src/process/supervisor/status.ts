/** The status of a BMC, as list and show print it. */
import type { StoreEntry } from "../../settings/store/storeReader.js";
import type { Supervisor } from "./supervisor.js";

/** The status of a BMC for list and show. */
export interface BmcStatus {
  readonly status: "running" | "down" | "error" | "starting";
  /** Why it is in error, one line. */
  readonly reason?: string;
}

export function statusOf(name: string, entry: StoreEntry, supervisor: Pick<Supervisor, "running">): BmcStatus {
  if ("fault" in entry) {
    return { status: "error", reason: entry.fault };
  }
  const running = supervisor.running.get(name);
  if (running === undefined || running.state === "stopping") {
    return { status: "down" };
  }
  if (running.state === "running") {
    return { status: "running" };
  }
  // A BMC that is being retried is in error until it listens.
  if (running.reason !== undefined) {
    return { status: "error", reason: running.reason };
  }
  return { status: running.state };
}
