/** Counts the control requests in progress: clients wait longer while there are any. */
import type { ControlRequest, ControlResponse } from "../../control/messages.js";

/** Wraps a handler to count requests in progress for `busy`: clients wait longer while there are any. */
export function counted(
  handle: (request: Exclude<ControlRequest, { command: "busy" }>) => Promise<ControlResponse>,
): (request: ControlRequest) => Promise<ControlResponse> {
  let working = 0;
  return async (request) => {
    if (request.command === "busy") {
      return { rc: 0, working };
    }
    // Waiting for events does not count.
    if (request.command === "events") {
      return handle(request);
    }
    working++;
    try {
      return await handle(request);
    } finally {
      working--;
    }
  };
}
