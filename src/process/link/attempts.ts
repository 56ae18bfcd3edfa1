/** The outcome of connection attempts, for callers that wait for the current or the next one. */
import { createWaits } from "../../base/async/waitUntil.js";
import type { VimSession } from "../../vsphere/session.js";
import { VimTransportError } from "../../vsphere/vimErrors.js";

export interface Attempts {
  readonly succeeded: (session: VimSession) => void;
  readonly failed: (failure: unknown) => void;
  /**
   * The session. While there is none, requests an attempt and waits for it; the pacing decides whether it is made. Rejects
   * with why there is none.
   */
  readonly session: (timeoutMs: number) => Promise<VimSession>;
}

/** `tryNow` ends the wait for the next attempt. */
export function createAttempts(tryNow: () => void): Attempts {
  let current: VimSession | undefined;
  let lastFailure: unknown;
  let outcomes = 0;
  const waits = createWaits();

  function settle(): void {
    outcomes++;
    waits.check();
  }

  function nextOutcome(timeoutMs: number): Promise<boolean> {
    const before = outcomes;
    return waits.until(() => outcomes > before, timeoutMs);
  }

  return {
    succeeded: (session) => {
      current = session;
      settle();
    },
    failed: (failure) => {
      current = undefined;
      lastFailure = failure;
      settle();
    },
    session: async (timeoutMs) => {
      if (!current) {
        const isTimely = nextOutcome(timeoutMs);
        tryNow();
        if (!(await isTimely)) {
          throw new VimTransportError("timeout", `no connection within ${timeoutMs / 1_000} s`);
        }
      }
      if (!current) {
        throw lastFailure;
      }
      return current;
    },
  };
}
