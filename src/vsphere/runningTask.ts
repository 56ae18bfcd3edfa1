/** Describes the task that blocks other commands of a VM. */
import { fromSoap } from "./moRef.js";
import { readProperties } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf, textOf } from "./soapValue.js";
import type { RunningTask } from "./task.js";
import type { VimFault } from "./vimErrors.js";

/** Timeout for reading the reason, ms. */
const readTimeoutMs = 400;

/** @param task undefined: the command has not started one */
export function describeRunning(task: RunningTask | undefined, now: number): string {
  if (!task) {
    return "an earlier command for the VM is under way";
  }
  const seconds = Math.max(0, Math.round((now - task.startedAt) / 1_000));
  return `${task.method} has been running on the VM for ${seconds} s`;
}

/** The task that a TaskInProgress names, usually an external one; undefined if it cannot be read. Never rejects. */
export async function taskInProgress(session: VimSession, { detail }: VimFault): Promise<RunningTask | undefined> {
  const task = fromSoap(fieldOf(detail, "task"));
  const properties =
    task && (await readProperties(session, task, ["info"], { timeoutMs: readTimeoutMs }).catch(() => undefined));
  const info = properties?.get("info");
  const text = (...names: readonly string[]): string | undefined =>
    names.map((name) => textOf(fieldOf(info, name))).find((value) => value !== undefined && value !== "");
  const method = text("name", "descriptionId");
  const startedAt = Date.parse(text("startTime", "queueTime") ?? "");
  return method === undefined || Number.isNaN(startedAt) ? undefined : { method, startedAt };
}
