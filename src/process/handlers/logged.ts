/** Logs who asked for what on the control socket, and the outcome. */
import type { ControlRequest, ControlResponse } from "../../control/messages.js";
import type { Log } from "../../io/log/log.js";

/** Commands that change nothing; `vbmc events --follow` asks every few seconds. */
const readOnly: ReadonlySet<string> = new Set(["list", "show", "events", "wait", "busy"]);

/** Wraps a handler to log one line per request: who did what to which BMCs, and the outcome. */
export function logged(
  handle: (request: ControlRequest) => Promise<ControlResponse>,
  log: Log,
): (request: ControlRequest) => Promise<ControlResponse> {
  return async (request) => {
    const startedAt = Date.now();
    const response = await handle(request);
    const { rc, msg = [] } = response;
    const fields = {
      ...subject(request),
      rc,
      ms: Date.now() - startedAt,
      ...(rc === 0 ? {} : { reason: msg.join("; ") }),
    };
    log[readOnly.has(request.command) ? "debug" : "info"](fields, `vbmc ${request.command}`);
    return response;
  };
}

/** The BMCs in a request. */
function subject(request: ControlRequest): { readonly vm?: string; readonly vms?: readonly string[] } {
  if ("vm_name" in request) {
    return { vm: request.vm_name };
  }
  return "vm_names" in request ? { vms: request.vm_names } : {};
}
