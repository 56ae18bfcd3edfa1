/** What takes longer than a client waits (DSP0266 "Asynchronous operations"): tasks, and monitors that give their result. */
import type { Timers } from "../../model/bmc/timers.js";
import type { RedfishResponse } from "./exchange.js";
import type { JsonObject } from "./json.js";

export interface Task {
  readonly id: string;
  readonly name: string;
  /** Slot of the account that began it; 0: none of ours. */
  readonly userId: number;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** 0 to 100; undefined while that is not known. */
  readonly percentComplete?: (() => number | undefined) | undefined;
  /** What the action answered; absent while it runs. */
  readonly result?: RedfishResponse;
}

export interface Tasks {
  /** Keeps the work as a task until its result has been there for a while; `work` never rejects. */
  readonly begin: (task: Pick<Task, "name" | "percentComplete" | "userId">, work: Promise<RedfishResponse>) => Task;
  readonly find: (id: string) => Task | undefined;
  /** The oldest first. */
  readonly all: () => readonly Task[];
}

/** Kept at a time; the oldest that has ended gives way, then the oldest of all. */
const mostTasks = 64;

/** `onChange` is told when one begins, and when it has its result. */
export function createTasks(timers: Pick<Timers, "now">, onChange: (task: Task) => void): Tasks {
  const tasks = new Map<string, Task>();
  let lastId = 0;

  function makeRoom(): void {
    while (tasks.size >= mostTasks) {
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

/** Seconds after which it is worth asking again. */
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
  return {
    Id: id,
    Name: name,
    TaskState: result === undefined ? "Running" : isFailed ? "Exception" : "Completed",
    TaskStatus: isFailed ? "Critical" : "OK",
    StartTime: new Date(startedAt).toISOString(),
    ...(endedAt !== undefined && { EndTime: new Date(endedAt).toISOString() }),
    ...(percent !== undefined && !isFailed && { PercentComplete: percent }),
    TaskMonitor: `${taskMonitorsUri}/${id}`,
    Messages: messagesOf(result),
  };
}

function messagesOf(result: RedfishResponse | undefined): readonly JsonObject[] {
  const body = result?.body as { readonly error?: { readonly "@Message.ExtendedInfo"?: JsonObject[] } } | undefined;
  return body?.error?.["@Message.ExtendedInfo"] ?? [];
}
