/** When VMs that are not known are looked for: soon after something has changed, then less and less often, and when asked. */
import { singleFlight } from "../../base/async/singleFlight.js";
import { isRefusal } from "../../vsphere/faults.js";
import { SessionChanged } from "../../vsphere/vimErrors.js";

export interface LookUps {
  /** Within `delayMs`, and from then on often again. */
  readonly soon: (delayMs: number) => void;
  /** In a minute at the latest: what hinders it does not end soon. */
  readonly later: () => void;
  /** Resolves after a look-up that began now. */
  readonly now: () => Promise<void>;
  /** For a VM that somebody asks for: as `now`, but not each time, since a name may be wrong for good. */
  readonly asked: () => Promise<void>;
  readonly close: () => void;
}

/** What a look-up has left over: VMs that may be there soon, or only such as the account may not see. */
export type Missing = "none" | "some" | "refused";

export interface LookUpsOptions {
  /** Looks once. */
  readonly lookUp: () => Promise<Missing>;
  readonly onFailure: (error: unknown) => void;
}

/** Whoever asks for VMs that are not known causes no more than one look-up in this time, ms. */
const askedIntervalMs = 2_500;
/** VMs are made anew within seconds or not for long, ms. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** After a look-up that failed while the connection holds, ms. */
const afterFailureMs = 5_000;
const mostSessionChanges = 3;

export function createLookUps({ lookUp, onFailure }: LookUpsOptions): LookUps {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = 0;
  let pauseMs = firstPauseMs;
  let lastAskedAt = -Infinity;
  let isClosed = false;

  const run = singleFlight(async () => {
    const missing = await lookUpInOneSession();
    if (missing === "some") {
      schedule(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    } else if (missing === "refused") {
      schedule(longestPauseMs);
    }
  });

  async function lookUpInOneSession(): Promise<Missing> {
    for (let left = mostSessionChanges; ; left--) {
      try {
        return await lookUp();
      } catch (error) {
        if (!(error instanceof SessionChanged) || left <= 1) {
          throw error;
        }
      }
    }
  }

  /** One that is due sooner stays. */
  function schedule(delayMs: number): void {
    const at = Date.now() + delayMs;
    if (isClosed || (timer && dueAt <= at)) {
      return;
    }
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => {
      timer = undefined;
      run().catch((error: unknown) => {
        onFailure(error);
        schedule(isRefusal(error) ? longestPauseMs : afterFailureMs);
      });
    }, delayMs);
  }

  return {
    soon: (delayMs) => {
      pauseMs = firstPauseMs;
      schedule(delayMs);
    },
    later: () => schedule(longestPauseMs),
    now: run,
    asked: async () => {
      if (Date.now() - lastAskedAt >= askedIntervalMs) {
        lastAskedAt = Date.now();
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
