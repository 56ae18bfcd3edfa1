/** TaskInfo: how far a task has come. */
import { readLocalizedFault } from "./faultReading.js";
import { fieldOf, textOf } from "./soapValue.js";
import type { VimFault } from "./vimErrors.js";

/** `info` as `soap` parsed it; the fault with which the task failed. */
export function taskOutcome(info: unknown): "underWay" | "success" | VimFault {
  switch (textOf(fieldOf(info, "state"))) {
    case "success":
      return "success";
    case "error":
      return readLocalizedFault(fieldOf(info, "error"));
    default:
      return "underWay";
  }
}
