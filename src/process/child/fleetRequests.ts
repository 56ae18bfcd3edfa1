/** Requests of the process that serves all BMCs to one of them: Redfish requests, and whether it has an account. */
import { defined } from "../../base/defined.js";
import type { Caller } from "../../model/fleet/summary.js";
import { type CompleteResponse, isEventStream } from "../../protocol/redfish/exchange.js";
import type { Callers } from "../../protocol/redfish/fleet/callers.js";
import type { Exchanged, WireRequest } from "../ipc/web.js";
import type { LazyRedfish } from "./redfishLoader.js";

export interface FleetRequests {
  /** Never rejects. */
  readonly exchange: (request: WireRequest, caller: Caller) => Promise<Exchanged>;
  readonly roleOf: Callers["roleOf"];
}

export function createFleetRequests(callers: Callers, redfish: LazyRedfish | undefined): FleetRequests {
  return {
    roleOf: callers.roleOf,
    exchange: async (request, caller) => {
      if (!redfish) {
        return { fault: "the BMC has no Redfish service: restart vbmcd" };
      }
      const principal = callers.principalOf(caller);
      if (!principal) {
        return { response: { status: 401, headers: {} } };
      }
      const { handle } = await redfish.service();
      return toExchanged(await handle(request, { principal }));
    },
  };
}

/** An event stream never ends, and so cannot be a message; the fleet has its own. */
function toExchanged({ status, headers, body }: CompleteResponse): Exchanged {
  if (isEventStream(body)) {
    body.subscribe(
      () => undefined,
      () => undefined,
    )();
    return { fault: "event streams of a BMC are served on its own Redfish port only" };
  }
  return { response: defined({ status, headers, body }) };
}
