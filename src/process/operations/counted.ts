import type { ControlRequest, ControlResponse } from "../../control/messages.js";

/** The handler, with how many requests are at work told to who asks `busy`: a client waits longer while some are. */
export function counted(
  handle: (request: Exclude<ControlRequest, { command: "busy" }>) => Promise<ControlResponse>,
): (request: ControlRequest) => Promise<ControlResponse> {
  let working = 0;
  return async (request) => {
    if (request.command === "busy") {
      return { rc: 0, working };
    }
    // Waiting for events is no work.
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
