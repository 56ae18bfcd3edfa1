/** Lets only so many events go to the supervisor: whoever floods a BMC with log-ins must not keep it busy too. */
import type { BmcActivity } from "../ipc/child.js";

/** Events of one BMC in an interval. */
const eventsPerInterval = 50;
const intervalMs = 10_000;

/** What is left out is counted, and told with the next event that is not. */
export function createEventLimiter(
  tell: (event: BmcActivity) => void,
  now: () => number = Date.now,
): (event: BmcActivity) => void {
  let intervalStart = -Infinity;
  let told = 0;
  let leftOut = 0;
  return (event) => {
    if (now() - intervalStart >= intervalMs) {
      intervalStart = now();
      told = 0;
    }
    if (told >= eventsPerInterval) {
      leftOut++;
      return;
    }
    told++;
    const before = leftOut === 0 ? "" : ` (${leftOut} events before this one were left out)`;
    leftOut = 0;
    tell({ ...event, text: `${event.text}${before}` });
  };
}
