/** TaskInfo: how far a task has come. */
import { readLocalizedFault } from "./faultReading.js";
import { fieldOf, textOf } from "./soapValue.js";
import type { VimFault } from "./vimErrors.js";

/** The fault is the one with which the task failed. */
export type TaskOutcome = "underWay" | "success" | VimFault;

/** `info` as `soap` parsed it. */
export function taskOutcome(info: unknown): TaskOutcome {
  return toTaskOutcome(textOf(fieldOf(info, "state")), fieldOf(info, "error"));
}

/** `state` and `error` of a TaskInfo, the latter as `soap` parsed it. */
export function toTaskOutcome(state: string | undefined, error: unknown): TaskOutcome {
  switch (state) {
    case "success":
      return "success";
    case "error":
      return readLocalizedFault(error);
    default:
      return "underWay";
  }
}
