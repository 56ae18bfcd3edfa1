/** Compares what should run with what runs. */
import { isDue } from "./restartBackoff.js";

/** The current state of a BMC, as far as the plan needs it. */
export interface RunningView {
  readonly state: "starting" | "running" | "error" | "stopping";
  /** Of the configuration that it was started with. */
  readonly fingerprint: string;
  /** When a failed one may be retried, ms since the epoch. */
  readonly retryAt?: number;
}

export interface Action {
  readonly type: "start" | "stop" | "restart";
  readonly name: string;
}

/**
 * The actions that turn what runs into what is desired.
 * @param desired name → fingerprint of the configuration
 * @param running name → current state; a stopping BMC is left alone until it has ended
 */
export function plan(
  desired: ReadonlyMap<string, string>,
  running: ReadonlyMap<string, RunningView>,
  now: number,
): Action[] {
  const unwanted = [...running].filter(([name, { state }]) => !desired.has(name) && state !== "stopping");
  const stops = unwanted.map(([name]): Action => ({ type: "stop", name }));
  const changes = [...desired].flatMap(([name, fingerprint]): Action[] => {
    const view = running.get(name);
    if (view === undefined) {
      return [{ type: "start", name }];
    }
    if (view.state === "stopping") {
      return [];
    }
    if (view.fingerprint !== fingerprint) {
      return [{ type: "restart", name }];
    }
    return view.state === "error" && isDue(view.retryAt ?? 0, now) ? [{ type: "start", name }] : [];
  });
  return [...stops, ...changes];
}
