/** Schedules lookups of missing VMs: soon after a change, then less and less often, and on demand. */
import { singleFlight } from "../../base/async/singleFlight.js";
import { isRefusal } from "../../vsphere/faults.js";
import { SessionChanged } from "../../vsphere/vimErrors.js";

export interface LookUps {
  /** Looks up within `delayMs`, and restarts the increasing delays. */
  readonly schedule: (delayMs: number) => void;
  /** Looks up within a minute: the obstacle is not likely to end soon. */
  readonly later: () => void;
  /** Looks up now; resolves afterwards. */
  readonly now: () => Promise<void>;
  /** For a command to a missing VM: like `now`, but rate-limited, since a name may be permanently wrong. */
  readonly asked: () => Promise<void>;
  readonly close: () => void;
}

/** What a lookup did not find: VMs that may appear soon, or only ones that the account may not see. */
export type Missing = "none" | "some" | "refused";

export interface LookUpsOptions {
  /** Looks once. */
  readonly lookUp: () => Promise<Missing>;
  readonly onFailure: (error: unknown) => void;
  /** Delay after a refusal, and the longest of the increasing delays, ms. */
  readonly maxPauseMs?: number | undefined;
}

/** Commands to missing VMs cause at most one lookup within this time, ms. */
const askedIntervalMs = 2_500;
/** VMs are recreated within seconds or not for long, ms. */
const firstPauseMs = 1_000;
const defaultMaxPauseMs = 60_000;
/** Delay after a failed lookup on a working connection, ms. */
const afterFailureMs = 5_000;
const maxSessionChanges = 3;

export function createLookUps(options: LookUpsOptions): LookUps {
  const { lookUp, onFailure, maxPauseMs = defaultMaxPauseMs } = options;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = 0;
  let pauseMs = firstPauseMs;
  let lastAskedAt = -Infinity;
  let isClosed = false;

  const run = singleFlight(async () => {
    const missing = await lookUpInOneSession();
    if (missing === "some") {
      schedule(pauseMs);
      pauseMs = Math.min(pauseMs * 2, maxPauseMs);
    } else if (missing === "refused") {
      schedule(maxPauseMs);
    }
  });

  async function lookUpInOneSession(): Promise<Missing> {
    for (let left = maxSessionChanges; ; left--) {
      try {
        return await lookUp();
      } catch (error) {
        if (!(error instanceof SessionChanged) || left <= 1) {
          throw error;
        }
      }
    }
  }

  /** Keeps a lookup that is due sooner. */
  function schedule(delayMs: number): void {
    const at = performance.now() + delayMs;
    if (isClosed || (timer && dueAt <= at)) {
      return;
    }
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => {
      timer = undefined;
      run().catch((error: unknown) => {
        onFailure(error);
        schedule(isRefusal(error) ? maxPauseMs : afterFailureMs);
      });
    }, delayMs);
  }

  return {
    schedule: (delayMs) => {
      pauseMs = firstPauseMs;
      schedule(delayMs);
    },
    later: () => schedule(maxPauseMs),
    now: run,
    asked: async () => {
      if (performance.now() - lastAskedAt >= askedIntervalMs) {
        lastAskedAt = performance.now();
        await run();
      } else {
        await run.present();
      }
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
