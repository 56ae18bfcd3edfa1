/** Following vSphere tasks: their errors come in the task's info, with the call itself a success. */
import { MachineError } from "../model/machine/errors.js";
import { toMachineError } from "./faults.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { readProperties, reported } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf } from "./soapValue.js";
import type { TaskOutcome } from "./taskInfo.js";
import { VimFault } from "./vimErrors.js";

/**
 * Progress of a command: `asked` once a change of the VM has been requested from vCenter, `underWay` once vCenter has
 * accepted a task, which counts as done for clients that cannot wait for its end; `abandoned`: the deadline passed
 * before the request was sent, and the client was told that it is not done.
 */
export interface Progress {
  stage: "waiting" | "asked" | "underWay" | "abandoned";
  /** The task that vCenter runs for it now; `startedAt` in ms since the epoch. */
  task?: RunningTask | undefined;
  /** A power off that came later has taken its place: nothing more is to be asked for. */
  isSuperseded?: boolean;
}

export interface RunningTask {
  /** Name of the vSphere API's method. */
  readonly method: string;
  readonly startedAt: number;
}

/** Call before vCenter is asked for a change; throws MachineError if the change is no longer allowed. */
export function begin(progress: Progress): void {
  if (progress.stage === "abandoned") {
    throw new MachineError("busy", "it was given up, since vCenter did not answer in time");
  }
  if (progress.isSuperseded === true) {
    throw new MachineError("busy", "a power off that came later has taken its place");
  }
  if (progress.stage === "waiting") {
    progress.stage = "asked";
  }
}

/** Longest time to follow a task, ms. */
const followingTimeoutMs = 10 * 60_000;

const resultTimeoutMs = 10_000;

/** Begins a task and resolves when it has succeeded; throws VimFault with the fault of one that failed. */
export async function runTask(...call: Parameters<typeof beginTask>): Promise<void> {
  await runToEnd(...call);
}

/** As runTask; gives TaskInfo.result as `soap` parsed it. */
export async function runTaskForResult(...call: Parameters<typeof beginTask>): Promise<unknown> {
  const [session] = call;
  const task = await runToEnd(...call);
  const info = reported(await readProperties(session, task, ["info"], { timeoutMs: resultTimeoutMs }), "info");
  return fieldOf(info, "result");
}

async function runToEnd(...call: Parameters<typeof beginTask>): Promise<MoRef> {
  const [session, , progress, method] = call;
  const task = await beginTask(...call);
  progress.task = { method, startedAt: Date.now() };
  try {
    await taskCompletion(session, task, method);
    return task;
  } finally {
    progress.task = undefined;
  }
}

async function beginTask(
  session: VimSession,
  target: MoRef,
  progress: Progress,
  method: string,
  args: Record<string, unknown> = {},
): Promise<MoRef> {
  const task = fromSoap(await session.call(method, target, args, { beforeSend: () => begin(progress) }));
  if (!task) {
    throw new MachineError("unavailable", `vCenter began no task for ${method}`);
  }
  progress.stage = "underWay";
  return task;
}

async function taskCompletion(session: VimSession, task: MoRef, method: string): Promise<void> {
  const outcome = await follow(session, task, method);
  if (outcome instanceof VimFault) {
    throw outcome;
  }
  if (outcome === "underWay") {
    throw new MachineError("timedOut", `${method} has not ended within ${followingTimeoutMs / 60_000} minutes`);
  }
}

/** Without an outcome the task may have succeeded all the same, and the error says so. */
async function follow(session: VimSession, task: MoRef, method: string): Promise<TaskOutcome> {
  try {
    return await session.tasks.outcome(task, followingTimeoutMs);
  } catch (error) {
    const { kind, message } = toMachineError(error);
    throw new MachineError(kind, `vCenter began ${method}, but how it went is not known: ${message}`);
  }
}
