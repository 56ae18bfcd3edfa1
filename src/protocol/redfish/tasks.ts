/**
 * Actions that take longer than clients wait (DSP0266 "Asynchronous operations"): tasks, and monitors that return their
 * results.
 */
import { defined } from "../../base/defined.js";
import type { Timers } from "../../model/bmc/timers.js";
import type { RedfishResponse } from "./exchange.js";
import type { JsonObject } from "./json.js";

export interface Task {
  readonly id: string;
  readonly name: string;
  /** Slot of the account that started it; 0: no account of this BMC. */
  readonly userId: number;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** 0 to 100; undefined while that is not known. */
  readonly percentComplete?: (() => number | undefined) | undefined;
  /** The response of the action; absent while it runs. */
  readonly result?: RedfishResponse;
}

export interface Tasks {
  /** Keeps the action as a task until its result has been available for a while; `work` never rejects. */
  readonly begin: (task: Pick<Task, "name" | "percentComplete" | "userId">, work: Promise<RedfishResponse>) => Task;
  readonly find: (id: string) => Task | undefined;
  /** Oldest first. */
  readonly all: () => readonly Task[];
}

/** Maximum number; the oldest finished one is removed first, then the oldest of all. */
const maxTasks = 64;

/** `onChange` is called when a task starts, and when it has its result. */
export function createTasks(timers: Pick<Timers, "now">, onChange: (task: Task) => void): Tasks {
  const tasks = new Map<string, Task>();
  let lastId = 0;

  function makeRoom(): void {
    while (tasks.size >= maxTasks) {
      const [first] = tasks.values();
      const oldest = [...tasks.values()].find(({ result }) => result !== undefined) ?? first;
      tasks.delete(oldest?.id ?? "");
    }
  }

  return {
    begin: (facts, work) => {
      makeRoom();
      const task: Task = { ...facts, id: String(++lastId), startedAt: timers.now() };
      tasks.set(task.id, task);
      onChange(task);
      void work.then((result) => {
        const ended: Task = { ...task, result, endedAt: timers.now() };
        if (tasks.has(task.id)) {
          tasks.set(task.id, ended);
        }
        onChange(ended);
      });
      return task;
    },
    find: (id) => tasks.get(id),
    all: () => [...tasks.values()],
  };
}

export const tasksUri = "/redfish/v1/TaskService/Tasks";
export const taskMonitorsUri = "/redfish/v1/TaskService/TaskMonitors";
export const taskType = "Task.v1_7_4.Task";

/** When clients should poll again, seconds. */
const retryAfterSeconds = 1;

/** 202 with the task, while there is no result. */
export function taskAccepted(task: Task): RedfishResponse {
  return {
    status: 202,
    headers: { Location: `${taskMonitorsUri}/${task.id}`, "Retry-After": String(retryAfterSeconds) },
    body: { "@odata.type": `#${taskType}`, "@odata.id": `${tasksUri}/${task.id}`, ...taskProperties(task) },
  };
}

/** Properties of the Task resource. */
export function taskProperties({ id, name, startedAt, endedAt, percentComplete, result }: Task): JsonObject {
  const isFailed = result !== undefined && result.status >= 400;
  const percent = result === undefined ? percentComplete?.() : 100;
  return defined({
    Id: id,
    Name: name,
    TaskState: result === undefined ? "Running" : isFailed ? "Exception" : "Completed",
    TaskStatus: isFailed ? "Critical" : "OK",
    StartTime: new Date(startedAt).toISOString(),
    EndTime: endedAt === undefined ? undefined : new Date(endedAt).toISOString(),
    ...(percent !== undefined && !isFailed && { PercentComplete: percent }),
    TaskMonitor: `${taskMonitorsUri}/${id}`,
    Messages: messagesOf(result),
  });
}

function messagesOf(result: RedfishResponse | undefined): readonly JsonObject[] {
  const body = result?.body as { readonly error?: { readonly "@Message.ExtendedInfo"?: JsonObject[] } } | undefined;
  return body?.error?.["@Message.ExtendedInfo"] ?? [];
}
