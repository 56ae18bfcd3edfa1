/** Events into the SEL, at the BMC's own time, and never more failed log-ins than the disk and the log can bear. */
import type { BmcEvent, Events } from "./events.js";
import { toSelRecords } from "./eventRecords.js";
import type { Sel } from "./sel.js";

/** Anybody on the network can fail to log in: this many at once, ... */
const loginFailureBurst = 10;
/** ... and later one for each of these intervals, ms; 4,096 records last for two weeks of attack then. */
const loginFailureIntervalMs = 600_000;

/** `now` is in milliseconds, `selTime` the BMC's time in seconds. */
export function createEventLog(sel: Sel, now: () => number, selTime: () => number): Events {
  let loginFailures = loginFailureBurst;
  let lastRefill = now();

  function mayRecordLoginFailure(): boolean {
    const intervals = Math.floor((now() - lastRefill) / loginFailureIntervalMs);
    if (intervals > 0) {
      loginFailures = Math.min(loginFailures + intervals, loginFailureBurst);
      lastRefill += intervals * loginFailureIntervalMs;
    }
    return loginFailures > 0 && loginFailures-- > 0;
  }

  function record(event: BmcEvent): void {
    if (event.type === "loginFailed" && !event.disablesUser && !mayRecordLoginFailure()) {
      return;
    }
    for (const selRecord of toSelRecords(event, selTime())) {
      // The SEL itself logs why records are not kept.
      sel.add(selRecord, selTime()).kept.catch(() => undefined);
    }
  }

  return { record };
}
