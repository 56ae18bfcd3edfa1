/** What a connection reports about itself: each state once, and a log line for each failure. */
import { defined } from "../../base/defined.js";
import type { Log } from "../../base/log.js";
import { MachineError } from "../../model/machine/errors.js";
import { isLoginRefused, loginRefusal, toMachineError } from "../../vsphere/faults.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { LinkState } from "../ipc/reports.js";

export interface ConnectionReport {
  readonly connecting: (reason: string) => void;
  readonly connected: () => void;
  /** Returns the problem. @param delayMs until the next attempt; Infinity: no automatic one */
  readonly failed: (failure: unknown, delayMs: number) => MachineError;
}

export function createConnectionReport(
  configuration: LinkConfiguration,
  onState: (state: LinkState) => void,
  log: Log,
): ConnectionReport {
  let downSince: string | undefined;
  let lastState = "";

  function tell(state: LinkState): void {
    const text = JSON.stringify(state);
    if (text !== lastState) {
      lastState = text;
      onState(state);
    }
  }

  return {
    connecting: (reason) => tell({ state: "connecting", reason }),
    connected: () => {
      downSince = undefined;
      tell({ state: "connected" });
    },
    failed: (failure, delayMs) => {
      const problem = problemOf(failure, configuration);
      const reason = problem.message;
      downSince ??= new Date().toISOString();
      const nextTry = Number.isFinite(delayMs) ? new Date(Date.now() + delayMs).toISOString() : undefined;
      const isUpdate = !lastState.includes(JSON.stringify(reason));
      log(
        isUpdate ? "warn" : "debug",
        `no connection to vCenter: ${reason}`,
        defined({ nextTrySeconds: nextTry === undefined ? undefined : Math.round(delayMs / 1_000) }),
      );
      tell(
        isLoginRefused(failure)
          ? defined({ state: "loginFailed", reason, nextTry })
          : { state: "reconnecting", since: downSince, reason },
      );
      return isLoginRefused(failure) ? new MachineError(problem.kind, reason, nextTry) : problem;
    },
  };
}

export function problemOf(failure: unknown, configuration: LinkConfiguration): MachineError {
  const reason = isLoginRefused(failure) ? loginRefusal(failure, configuration) : toMachineError(failure).message;
  return new MachineError("unavailable", reason);
}
