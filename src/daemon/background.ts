import { spawn } from "node:child_process";
import { once } from "node:events";

/** What a daemon tells whoever started it, over IPC, once. */
export type StartReport = { readonly type: "listening" } | { readonly type: "failed"; readonly reason: string };

/** How long the daemon may take until its control socket is bound, ms. */
const startBoundMs = 30_000;

/**
 * Starts this program again, apart from the terminal and with its standard streams on /dev/null.
 * @returns undefined once the control socket is bound, else why it is not
 */
export async function startInBackground(argv: readonly string[]): Promise<string | undefined> {
  const daemon = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", ...argv, "--foreground"], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const abort = AbortSignal.timeout(startBoundMs);
  const report = await Promise.race([
    once(daemon, "message", { signal: abort }).then(([message]) => message as StartReport),
    once(daemon, "exit", { signal: abort }).then(([code]) => failed(`vbmcd ended with exit code ${String(code)}`)),
  ]).catch((error: unknown) => {
    if (abort.aborted) return failed(`vbmcd did not come up within ${startBoundMs / 1000} s`);
    return failed(error instanceof Error ? error.message : String(error));
  });
  if (daemon.connected) daemon.disconnect();
  daemon.unref();
  if (report.type === "listening") return undefined;
  daemon.kill("SIGTERM");
  return report.reason;
}

/** Tells whoever started us in the background; without a parent that listens it does nothing. */
export function reportStart(report: StartReport): void {
  if (process.send === undefined || !process.connected) return;
  process.send(report, () => {
    if (process.connected) process.disconnect();
  });
}

function failed(reason: string): StartReport {
  return { type: "failed", reason };
}
