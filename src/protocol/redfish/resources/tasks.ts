/** DSP0268 "TaskService 1.3.0", "Task 1.7.4": long-running actions, and the monitors that return their results. */
import { link } from "../json.js";
import { rootUri } from "../representation.js";
import { type CommonParts, defineCollection, defineResource, type Document } from "../resource.js";
import { taskAccepted, taskMonitorsUri, taskProperties, tasksUri, taskType } from "../tasks.js";

const taskService = defineResource<CommonParts>({
  uri: `${rootUri}/TaskService`,
  type: "TaskService.v1_3_0.TaskService",
  entity: "TaskService",
  volatile: ["DateTime"],
  read: ({ timers }) => ({
    Id: "TaskService",
    Name: "Task Service",
    Status: { State: "Enabled", Health: "OK" },
    ServiceEnabled: true,
    CompletedTaskOverWritePolicy: "Oldest",
    LifeCycleEventOnTaskStateChange: false,
    DateTime: new Date(timers.now()).toISOString(),
    Tasks: link(tasksUri),
  }),
});

const taskCollection = defineCollection<CommonParts>({
  uri: tasksUri,
  of: "Task",
  name: "Tasks",
  entity: "TaskCollection",
  ids: ({ tasks }) => tasks.all().map(({ id }) => id),
});

const task = defineResource<CommonParts>({
  uri: `${tasksUri}/{taskId}`,
  type: taskType,
  entity: "Task",
  has: ({ tasks, params }) => tasks.find(params["taskId"] ?? "") !== undefined,
  read: ({ tasks, params }) => {
    const found = tasks.find(params["taskId"] ?? "");
    return found ? taskProperties(found) : {};
  },
});

/** 202 while the task runs, then the response of the action itself, as often as requested. */
export const taskMonitor: Document<CommonParts> = {
  uri: `${taskMonitorsUri}/{taskId}`,
  privilege: "Login",
  respond: ({ tasks, params }) => {
    const found = tasks.find(params["taskId"] ?? "");
    return Promise.resolve(found && (found.result ?? taskAccepted(found)));
  },
};

export const taskResources = [taskService, taskCollection, task];
