/** Counts the work of one BMC, and reports it to the supervisor at a limited rate. */
import { createGatherer, durationClass } from "../../io/counters/counts.js";
import type { SeenCommand } from "../../protocol/ipmi/observer.js";
import type { SeenRequest } from "../../protocol/redfish/handler.js";
import type { FromChild } from "../ipc/child.js";

export interface Meter {
  readonly command: (command: SeenCommand) => void;
  readonly request: (request: SeenRequest) => void;
  readonly loginFailed: () => void;
  readonly stop: () => void;
}

export interface MeterOptions {
  readonly vmName: string;
  /** Of IPMI. */
  readonly openSessions: () => number;
  readonly openRedfishSessions: () => number;
  /** Sessions end after this time without a packet; no packet signals that, ms. */
  readonly sessionTimeoutMs: number;
  readonly send: (message: Extract<FromChild, { type: "counts" }>) => void;
}

/** Redfish sessions end by timeouts that clients choose: interval for counting them while there are any, ms. */
const recountIntervalMs = 60_000;

export function createMeter({
  vmName,
  openSessions,
  openRedfishSessions,
  sessionTimeoutMs,
  send,
}: MeterOptions): Meter {
  const gatherer = createGatherer((counts) => {
    const sessions = openSessions();
    const redfishSessions = openRedfishSessions();
    send({ type: "counts", vmName, counts, sessions, redfishSessions });
    if (sessions > 0 || redfishSessions > 0) {
      gatherer.tellAgainIn(redfishSessions > 0 ? Math.min(recountIntervalMs, sessionTimeoutMs) : sessionTimeoutMs);
    }
  });

  return {
    command: ({ completionCode, ms }) => {
      gatherer.add(`code ${completionCode}`);
      gatherer.add(`duration ${durationClass(ms)}`);
      gatherer.add("ms", ms);
    },
    request: ({ status, ms }) => {
      gatherer.add(`http ${status}`);
      gatherer.add(`httpDuration ${durationClass(ms)}`);
      gatherer.add("httpMs", ms);
    },
    loginFailed: () => gatherer.add("loginFailed"),
    stop: gatherer.stop,
  };
}
