/** The BMCs as the fleet's service sees them: the supervisor's reports, and requests to them. */
import type { BmcSummary } from "../../model/fleet/summary.js";
import type { RedfishResponse } from "../../protocol/redfish/exchange.js";
import type { Fleet } from "../../protocol/redfish/fleet/fleet.js";
import { message } from "../../protocol/redfish/messages.js";
import { RedfishError, toErrorResponse } from "../../protocol/redfish/redfishError.js";
import type { ToWeb } from "../ipc/web.js";
import type { WebChannel } from "./channel.js";

export interface FleetOverChannel extends Fleet {
  /** Calls `onChange` for each BMC that changed. */
  readonly update: (message: Extract<ToWeb, { type: "bmcs" }>) => void;
}

export type OnSummaryChange = (name: string, before: BmcSummary | undefined, after: BmcSummary | undefined) => void;

const retryAfter = "10";

export function createFleetOverChannel(channel: WebChannel, onChange: OnSummaryChange): FleetOverChannel {
  const known = new Map<string, BmcSummary>();
  let sorted: readonly BmcSummary[] | undefined;

  return {
    update: ({ changed, removed }) => {
      sorted = undefined;
      for (const summary of changed) {
        const before = known.get(summary.name);
        known.set(summary.name, summary);
        onChange(summary.name, before, summary);
      }
      for (const name of removed) {
        const before = known.get(name);
        known.delete(name);
        onChange(name, before, undefined);
      }
    },
    bmcs: () => {
      sorted ??= [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      return sorted;
    },
    find: (name) => known.get(name),
    rolesOf: channel.rolesOf,
    exchange: async (name, request, caller) => {
      const exchanged = await channel.exchange(name, request, caller);
      return "response" in exchanged ? exchanged.response : unavailable(name, exchanged.fault);
    },
  };
}

function unavailable(name: string, fault: string): RedfishResponse {
  const error = message("ServiceTemporarilyUnavailable", [retryAfter], { text: `${name}: ${fault}` });
  return toErrorResponse(new RedfishError(503, [error], { "Retry-After": retryAfter }));
}
