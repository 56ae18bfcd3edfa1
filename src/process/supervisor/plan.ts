import { isDue } from "./restartBackoff.js";

/** What there is of a BMC now, as far as the plan needs it. */
export interface RunningView {
  readonly state: "starting" | "running" | "error" | "stopping";
  /** Of the configuration it was started with. */
  readonly fingerprint: string;
  /** When a failed one may be tried again, ms since the epoch. */
  readonly retryAt?: number;
}

export interface Action {
  readonly type: "start" | "stop" | "restart";
  readonly name: string;
}

/**
 * What to do so that what runs becomes what is wanted.
 * @param desired name → fingerprint of the configuration
 * @param running name → what there is; a BMC that is stopping is left alone until it is gone
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
