/** Common to the entry scripts of the child processes: arguments, channel, signals and shutdown. */

/** Argument that makes a process send counters. */
export const meteredArgument = "--metered";

export function isMetered(): boolean {
  return process.argv.includes(meteredArgument);
}

/** Sends to the supervisor while it exists. */
export function sendToSupervisor(message: object): void {
  if (process.connected) {
    process.send?.(message);
  }
}

/** Handles messages until the supervisor sends SIGTERM or ends; then calls `stop`, which ends the process. */
export function serveSupervisor(onMessage: (message: never) => void, stop: () => Promise<void>): void {
  process.on("message", onMessage as (message: unknown) => void);
  // Without its supervisor a process would serve outdated state, and hold a port or a session that the next one needs.
  process.on("disconnect", () => void stop());
  process.on("SIGTERM", () => void stop());
  // A terminal's Ctrl-C reaches the whole process group: the supervisor decides what it means.
  process.on("SIGINT", () => undefined);
  process.on("SIGHUP", () => undefined);
}
