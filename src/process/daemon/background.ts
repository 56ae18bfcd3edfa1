/** Starts the daemon in the background, and reports whether it has started. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { reasonOf } from "../../base/errors.js";

/** Reports the outcome of a start over IPC to the process that started the daemon, once. */
export type StartReport = { readonly type: "listening" } | { readonly type: "failed"; readonly reason: string };

/** Timeout for the daemon to bind its control socket, ms. */
const startTimeoutMs = 30_000;

/**
 * Starts this program again, apart from the terminal and with its standard streams on /dev/null.
 * @returns undefined once the control socket is bound, else why it is not
 */
export async function startInBackground(argv: readonly string[]): Promise<string | undefined> {
  const daemon = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", ...argv, "--foreground"], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const abort = AbortSignal.timeout(startTimeoutMs);
  const report = await Promise.race([
    once(daemon, "message", { signal: abort }).then(([message]) => message as StartReport),
    once(daemon, "exit", { signal: abort }).then(([code]) => failed(`vbmcd ended with exit code ${String(code)}`)),
  ]).catch((error: unknown) => {
    if (abort.aborted) {
      return failed(`vbmcd did not start within ${startTimeoutMs / 1000} s`);
    }
    return failed(reasonOf(error));
  });
  if (daemon.connected) {
    daemon.disconnect();
  }
  daemon.unref();
  if (report.type === "listening") {
    return undefined;
  }
  daemon.kill("SIGTERM");
  return report.reason;
}

/** Whether this process was started by `startInBackground`. */
export function isInBackground(): boolean {
  return process.send !== undefined;
}

/** The files that are named relative to the folder that a background daemon leaves. */
const pathVariables = ["VIRTUALBMC_CONFIG", "VBMC4VSPHERE_CONFIG"] as const;

/**
 * Releases what a daemon must not hold for its lifetime: the current folder, whose file system could not be unmounted,
 * and inherited files, e.g. a lock, or a pipe whose reader waits for its end.
 */
export function detachFromTerminal(): void {
  for (const name of pathVariables) {
    const value = process.env[name] ?? "";
    if (value !== "") {
      process.env[name] = path.resolve(value);
    }
  }
  process.chdir("/");
  inheritedDescriptors().forEach(closeSync);
}

/** Node opens its own with close-on-exec: those without it were inherited. */
function inheritedDescriptors(): number[] {
  const firstOther = 3;
  try {
    const descriptors = readdirSync("/proc/self/fd").map(Number);
    return descriptors.filter((descriptor) => descriptor >= firstOther && !isClosedOnExec(descriptor));
  } catch {
    // Without /proc they are unknown.
    return [];
  }
}

/** proc(5): the flags are octal. One that has been closed meanwhile counts as ours. */
function isClosedOnExec(descriptor: number): boolean {
  const closeOnExec = 0o2000000;
  try {
    const [, flags = "0"] = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8")) ?? [];
    return (Number.parseInt(flags, 8) & closeOnExec) !== 0;
  } catch {
    return true;
  }
}

/** Reports to the process that started the daemon in the background; does nothing without a listening parent. */
export function reportStart(report: StartReport): void {
  if (process.send === undefined || !process.connected) {
    return;
  }
  process.send(report, () => {
    if (process.connected) {
      process.disconnect();
    }
  });
}

function failed(reason: string): StartReport {
  return { type: "failed", reason };
}
