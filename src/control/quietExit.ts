/** The end of a process that has loaded ZeroMQ. */
import { closeSync, openSync } from "node:fs";

/**
 * The addon waits at the end of the process until ZeroMQ's threads have ended, and warns on stderr when a busy machine
 * takes more than 500 ms for it; nothing turns that off. All that we have to say is written by then.
 */
export function quietenExit(): void {
  if (process.listeners("exit").includes(muteStderr)) {
    return;
  }
  process.on("exit", muteStderr);
  // Node writes the trace of an error that ends the process after "exit".
  process.once("uncaughtExceptionMonitor", () => process.off("exit", muteStderr));
}

function muteStderr(): void {
  try {
    closeSync(2);
    // Takes the number that is free now.
    openSync("/dev/null", "w");
  } catch {
    // There was none.
  }
}
