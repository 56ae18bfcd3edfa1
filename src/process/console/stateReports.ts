/**
 * Reports the state of consoles to the supervisor: immediately when a client comes or goes, the amount of output now
 * and then.
 */
import { defined } from "../../base/defined.js";
import type { ConsoleState } from "../ipc/console.js";
import type { Line } from "./line.js";

const intervalMs = 2_000;

export interface StateReports {
  /** Bytes came or went, and nothing else changed: with each key, so that it must cost nothing. */
  readonly counted: (vmName: string, line: Line) => void;
  /** Anything else may have changed. */
  readonly changed: (vmName: string, line: Line) => void;
  readonly forget: (vmName: string) => void;
}

export function createStateReports(report: (vmName: string, state: ConsoleState) => void): StateReports {
  const changed = new Map<string, Line>();
  /** What was reported, without the counts. */
  const reported = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;

  function tell(vmName: string, line: Line): void {
    changed.delete(vmName);
    report(vmName, stateOf(line));
  }

  function counted(vmName: string, line: Line): void {
    changed.set(vmName, line);
    timer ??= setTimeout(() => {
      timer = undefined;
      [...changed].forEach(([name, each]) => tell(name, each));
    }, intervalMs).unref();
  }

  return {
    counted,
    changed: (vmName, line) => {
      const state = JSON.stringify({ ...stateOf(line), bytesIn: 0, bytesOut: 0 });
      if (reported.get(vmName) !== state) {
        reported.set(vmName, state);
        tell(vmName, line);
      } else {
        counted(vmName, line);
      }
    },
    forget: (vmName) => {
      changed.delete(vmName);
      reported.delete(vmName);
    },
  };
}

function stateOf({ connection, connectedSince, lastError, bytesIn, bytesOut, writer, watchers }: Line): ConsoleState {
  return defined({
    connectedSince: connection === undefined ? undefined : connectedSince?.toISOString(),
    from: connection?.from,
    isEncrypted: connection?.isEncrypted,
    bytesIn,
    bytesOut,
    lastError,
    writer,
    watchers,
  });
}
