/** Following vSphere tasks: their errors come in the task's info, with the call itself a success. */
import { MachineError } from "../model/machine/errors.js";
import { createBatch, type Question } from "./batch.js";
import { toMachineError } from "./faults.js";
import { fromSoap, type MoRef } from "./moRef.js";
import { type Properties, readPropertiesOfMany, requireAny, told } from "./properties.js";
import type { VimSession } from "./session.js";
import { fieldOf } from "./soapValue.js";
import { taskOutcome } from "./taskInfo.js";
import { VimFault } from "./vimErrors.js";

/**
 * How far a command has come: `asked` once vCenter has been sent something that changes the VM, `underWay` once it has
 * accepted a task, which is as good as done for whoever cannot wait for its end; `abandoned` when its client has been told,
 * before it was asked, that it is not done.
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

/** To be called before vCenter is asked to change something; throws MachineError when that must not be done any more. */
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

/** A task that runs longer than this is somebody else's problem, ms. */
const followingTimeoutMs = 10 * 60_000;
const infoTimeoutMs = 10_000;
/** Tasks an answer, of which parsing one takes some 0.3 ms. */
const mostTasks = 50;
const firstPollMs = 15;
const longestPollMs = 1_000;

/** Begins a task and resolves when it has succeeded; throws VimFault with the fault of one that failed. */
export async function runTask(...task: Parameters<typeof runTaskForResult>): Promise<void> {
  await runTaskForResult(...task);
}

/** As runTask; gives TaskInfo.result as `soap` parsed it. */
export async function runTaskForResult(
  session: VimSession,
  target: MoRef,
  progress: Progress,
  method: string,
  args: Record<string, unknown> = {},
): Promise<unknown> {
  const task = fromSoap(await session.call(method, target, args, { beforeSend: () => begin(progress) }));
  if (!task) {
    throw new MachineError("unavailable", `vCenter began no task for ${method}`);
  }
  progress.stage = "underWay";
  progress.task = { method, startedAt: Date.now() };
  try {
    return fieldOf(await taskCompletion(session, task, method), "result");
  } finally {
    progress.task = undefined;
  }
}

/** Gives the TaskInfo of the end. */
async function taskCompletion(session: VimSession, task: MoRef, method: string): Promise<unknown> {
  const startedAt = Date.now();
  for (
    let pause = firstPollMs;
    Date.now() - startedAt < followingTimeoutMs;
    pause = Math.min(pause * 2, longestPollMs)
  ) {
    const info = await readInfo(session, task, method);
    const outcome = taskOutcome(info);
    if (outcome === "success") {
      return info;
    }
    if (outcome instanceof VimFault) {
      throw outcome;
    }
    // All tasks that are followed are looked at in the same moments, and so in one call.
    await new Promise((resolve) => setTimeout(resolve, pause - (Date.now() % pause)));
  }
  throw new MachineError("timedOut", `${method} has not ended within ${followingTimeoutMs / 60_000} minutes`);
}

/** By session: tasks that are looked at in the same moment are read together, once the commands that wait are sent. */
const infoReaders = new WeakMap<VimSession, Question<Properties>>();

function infoReader(session: VimSession): Question<Properties> {
  const known = infoReaders.get(session);
  if (known) {
    return known;
  }
  const reader = createBatch({
    mostObjects: () => mostTasks,
    ask: (tasks, timeoutMs) => readPropertiesOfMany(session, tasks, ["info"], { timeoutMs, urgency: "statistics" }),
  });
  infoReaders.set(session, reader);
  return reader;
}

/** Without it the task may have succeeded all the same, and the error says so. */
async function readInfo(session: VimSession, task: MoRef, method: string): Promise<unknown> {
  try {
    return told(requireAny(await infoReader(session)(task, infoTimeoutMs)), "info");
  } catch (error) {
    const { kind, message } = toMachineError(error);
    throw new MachineError(kind, `vCenter began ${method}, but how it went is not known: ${message}`);
  }
}
