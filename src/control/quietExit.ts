/** Ends a process that has loaded ZeroMQ. */
import { closeSync, openSync } from "node:fs";

/**
 * At the end of the process the addon waits for ZeroMQ's threads, and warns on stderr if a busy host needs more than
 * 500 ms for that; no option turns the warning off. All of our own output is written by then.
 */
export function quietenExit(): void {
  if (process.listeners("exit").includes(muteStderr)) {
    return;
  }
  process.on("exit", muteStderr);
  // Node writes the stack trace of a fatal error after "exit".
  process.once("uncaughtExceptionMonitor", () => process.off("exit", muteStderr));
}

function muteStderr(): void {
  try {
    closeSync(2);
    // Takes the lowest free descriptor.
    openSync("/dev/null", "w");
  } catch {
    // stderr was closed.
  }
}
