/** What came of the tries to connect, for whoever waits for the present or the next one. */
import type { VimSession } from "../../vsphere/session.js";
import { VimTransportError } from "../../vsphere/vimErrors.js";

export interface Attempts {
  readonly succeeded: (session: VimSession) => void;
  readonly failed: (failure: unknown) => void;
  /**
   * The session. While there is none, a try is asked for and awaited; whether it is made is decided where tries are
   * paced. Rejects with why there is none.
   */
  readonly session: (timeoutMs: number) => Promise<VimSession>;
}

/** `tryNow` ends the wait for the next try. */
export function createAttempts(tryNow: () => void): Attempts {
  let current: VimSession | undefined;
  let lastFailure: unknown;
  const waiting = new Set<() => void>();

  function settle(): void {
    waiting.forEach((resume) => resume());
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
        const settled = new Promise<void>((resolve, reject) => {
          const resume = (): void => {
            clearTimeout(timer);
            waiting.delete(resume);
            resolve();
          };
          const timer = setTimeout(() => {
            waiting.delete(resume);
            reject(new VimTransportError("timeout", `no connection within ${timeoutMs / 1_000} s`));
          }, timeoutMs);
          waiting.add(resume);
        });
        tryNow();
        await settled;
      }
      if (!current) {
        throw lastFailure;
      }
      return current;
    },
  };
}
