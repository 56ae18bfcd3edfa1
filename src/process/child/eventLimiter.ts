/** Rate-limits the events sent to the supervisor, so that flooding a BMC with logins does not keep it busy. */
import type { BmcActivity } from "../ipc/child.js";

/** Events of one BMC per interval. */
const eventsPerInterval = 50;
const intervalMs = 10_000;

/** Dropped events are counted, and the next event that is sent reports their number. */
export function createEventLimiter(
  tell: (event: BmcActivity) => void,
  now: () => number = Date.now,
): (event: BmcActivity) => void {
  let intervalStart = -Infinity;
  let sent = 0;
  let leftOut = 0;
  return (event) => {
    if (now() - intervalStart >= intervalMs) {
      intervalStart = now();
      sent = 0;
    }
    if (sent >= eventsPerInterval) {
      leftOut++;
      return;
    }
    sent++;
    const before = leftOut === 0 ? "" : ` (${leftOut} earlier events were dropped)`;
    leftOut = 0;
    tell({ ...event, text: `${event.text}${before}` });
  };
}
