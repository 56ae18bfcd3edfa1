/** Makes the running BMCs match the files: every 2.5 s, on request, and when a failed BMC is due. */
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../io/log/log.js";
import type { DesiredBmc } from "./desiredBmc.js";
import type { Fleet } from "./fleet.js";
import { plan } from "./plan.js";

/** So that an edited file, or a changed link to one, takes effect within 3 s. */
const reconcileIntervalMs = 2500;

export interface ReconcilerOptions {
  readonly log: Log;
  readonly fleet: Fleet;
  /**
   * What should run, by name.
   * @param held BMCs that must not run
   * @throws Error if config_dir cannot be read
   */
  readonly compose: (held: ReadonlySet<string>) => ReadonlyMap<string, DesiredBmc>;
  /** The files have been read; called before any start or stop. */
  readonly onDesired: (desired: ReadonlyMap<string, DesiredBmc>) => void;
  readonly start: (desired: DesiredBmc) => void;
}

export interface Reconciler {
  /** What should run, according to the last reading of the files. */
  readonly desired: ReadonlyMap<string, DesiredBmc>;
  /** Reads the files and starts the necessary actions; never throws. */
  readonly reconcile: () => void;
  /** Reconciles once for all callers in this turn of the event loop, or until it is due again. */
  readonly reconcileSoon: () => Promise<void>;
  /** Stops a BMC regardless of its file, until the returned function is called. */
  readonly hold: (name: string) => Promise<() => void>;
  /** Reconciles when the next failed BMC is due. */
  readonly scheduleRetry: () => void;
  readonly close: () => void;
}

export function createReconciler({ log, fleet, compose, onDesired, start }: ReconcilerOptions): Reconciler {
  /** BMCs that must not run while their folders are modified. */
  const held = new Set<string>();
  let desired: ReadonlyMap<string, DesiredBmc> = new Map();
  let retry: NodeJS.Timeout | undefined;
  let pending: Promise<void> | undefined;
  /** When the last one ended, and how long it took, ms. */
  let last = { endedAt: 0, tookMs: 0 };
  let isClosed = false;

  function reconcile(): void {
    if (isClosed) {
      return;
    }
    const startedAt = performance.now();
    bringAbout();
    const endedAt = performance.now();
    last = { endedAt, tookMs: endedAt - startedAt };
  }

  function bringAbout(): void {
    try {
      desired = compose(held);
    } catch (error) {
      log.error({ reason: reasonOf(error) }, "config_dir cannot be read");
      return;
    }
    onDesired(desired);
    const fingerprints = new Map([...desired].map(([name, { fingerprint }]) => [name, fingerprint]));
    for (const { type, name } of plan(fingerprints, fleet.running, Date.now())) {
      const wanted = desired.get(name);
      // A restart begins with a stop; the next reconcile starts the BMC again.
      if (type !== "start") {
        void fleet.stop(name);
      } else if (wanted !== undefined) {
        start(wanted);
      }
    }
    scheduleRetry();
  }

  function reconcileSoon(): Promise<void> {
    pending ??= new Promise((resolve) => {
      const run = (): void => {
        pending = undefined;
        reconcile();
        resolve();
      };
      // With thousands of BMCs each look at their files takes a while: half of the time is left for everything else.
      const restMs = last.endedAt + last.tookMs - performance.now();
      if (restMs > 1) {
        setTimeout(run, restMs);
      } else {
        setImmediate(run);
      }
    });
    return pending;
  }

  function scheduleRetry(): void {
    clearTimeout(retry);
    const at = fleet.nextRetryAt;
    if (at !== Infinity) {
      retry = setTimeout(reconcile, Math.max(0, at - Date.now()));
    }
  }

  const interval = setInterval(reconcile, reconcileIntervalMs);
  return {
    get desired() {
      return desired;
    },
    reconcile,
    reconcileSoon,
    hold: async (name) => {
      held.add(name);
      await reconcileSoon();
      return () => {
        held.delete(name);
        void reconcileSoon();
      };
    },
    scheduleRetry,
    close: () => {
      isClosed = true;
      clearInterval(interval);
      clearTimeout(retry);
    },
  };
}
