/** Counts what one BMC does, and tells the supervisor of it in bounded steps. */
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
  readonly openSessions: () => number;
  /** After so long without a packet a session ends, which no packet tells, ms. */
  readonly sessionTimeoutMs: number;
  readonly send: (message: Extract<FromChild, { type: "counts" }>) => void;
}

export function createMeter({ vmName, openSessions, sessionTimeoutMs, send }: MeterOptions): Meter {
  const gatherer = createGatherer((counts) => {
    const sessions = openSessions();
    send({ type: "counts", vmName, counts, sessions });
    if (sessions > 0) {
      gatherer.tellAgainIn(sessionTimeoutMs);
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
