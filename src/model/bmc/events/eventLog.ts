/** Writes events to the SEL, at the BMC's own time, and limits the number of failed logins. */
import type { Sel } from "../../sel/sel.js";
import { toSelRecord } from "./eventRecords.js";
import type { BmcEvent, Events } from "./events.js";

/** Anyone on the network can cause failed logins: record at most this many at once, ... */
const loginFailureBurst = 10;
/** ... and later one per interval, ms; 4,096 records then last for two weeks of attack. */
const loginFailureIntervalMs = 600_000;

/**
 * The same failure is recorded again only after this time, ms: otherwise clients that keep retrying would fill the log.
 */
const failureIntervalMs = 600_000;

export interface EventLogOptions {
  readonly sel: Sel;
  /** Milliseconds. */
  readonly now: () => number;
  /** The BMC's time in seconds. */
  readonly selTime: () => number;
  /** System Event Logging is enabled in the BMC Global Enables (§22.1). */
  readonly isEnabled: () => boolean;
}

export function createEventLog({ sel, now, selTime, isEnabled }: EventLogOptions): Events {
  let loginFailures = loginFailureBurst;
  let lastRefill = now();
  /** When the failure of each operation was last recorded. */
  const failures = new Map<string, number>();

  function mayRecordLoginFailure(): boolean {
    const intervals = Math.floor((now() - lastRefill) / loginFailureIntervalMs);
    if (intervals > 0) {
      loginFailures = Math.min(loginFailures + intervals, loginFailureBurst);
      lastRefill += intervals * loginFailureIntervalMs;
    }
    return loginFailures > 0 && loginFailures-- > 0;
  }

  function isNewFailure(operation: string): boolean {
    const last = failures.get(operation);
    const isNew = last === undefined || now() - last >= failureIntervalMs;
    if (isNew) {
      failures.set(operation, now());
    }
    return isNew;
  }

  function shouldRecord(event: BmcEvent): boolean {
    switch (event.type) {
      case "loginFailed":
        return mayRecordLoginFailure();
      case "operationFailed":
        return isNewFailure(event.operation);
      default:
        return true;
    }
  }

  function record(event: BmcEvent): void {
    if (!isEnabled() || !shouldRecord(event)) {
      return;
    }
    // The SEL itself logs why records cannot be stored.
    sel.add(toSelRecord(event, selTime()), selTime()).persisted.catch(() => undefined);
  }

  return { record };
}
