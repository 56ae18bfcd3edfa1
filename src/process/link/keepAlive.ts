/** Calls that keep a session from expiring, and detect that its vCenter is unreachable. */
import { isRefusal } from "../../vsphere/faults.js";
import type { VimSession } from "../../vsphere/session.js";

/** Interval of keep-alive calls, ms. */
export interface KeepAliveIntervals {
  readonly watching: number;
  /** Without a watch, only keep-alive calls detect that vCenter is away. */
  readonly idle: number;
}

/** vCenter ends sessions that are idle for 30 minutes, and a pending wait for updates may count as idle. */
const usualIntervals: KeepAliveIntervals = { watching: 5 * 60_000, idle: 10_000 };

export interface KeepAlive {
  /** Resolves with why the session could not be kept alive. */
  readonly failure: Promise<unknown>;
  readonly stop: () => void;
}

/** @param isWatching while waiting for updates, their absence shows that vCenter is away */
export function keepAlive(
  session: VimSession,
  isWatching: () => boolean,
  changed: Partial<KeepAliveIntervals> = {},
): KeepAlive {
  const intervals = { ...usualIntervals, ...changed };
  let askedAt = Date.now();
  /** Do not call a slow server again before it has answered. */
  let isAsking = false;
  let timer: NodeJS.Timeout | undefined;
  const failure = new Promise<unknown>((resolve) => {
    const ask = async (): Promise<void> => {
      askedAt = Date.now();
      isAsking = true;
      try {
        await session.keepAlive();
      } catch (error) {
        // A refusal is an answer too.
        if (!isRefusal(error)) {
          resolve(error);
        }
      } finally {
        isAsking = false;
      }
    };
    const look = (): void => {
      if (!isAsking && (!isWatching() || Math.abs(Date.now() - askedAt) >= intervals.watching)) {
        void ask();
      }
    };
    timer = setInterval(look, Math.min(intervals.idle, intervals.watching));
  });
  return { failure, stop: () => clearInterval(timer) };
}
