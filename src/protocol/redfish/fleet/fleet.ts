/** What the Redfish service of a fleet is given: the BMCs of a daemon, and a way to the service of each. */
import type { BmcSummary, Caller, FleetRole } from "../../../model/fleet/summary.js";
import type { RedfishRequest, RedfishResponse } from "../exchange.js";

export interface Fleet {
  /** Every BMC with its state, in the order of their names. */
  readonly bmcs: () => readonly BmcSummary[];
  readonly find: (name: string) => BmcSummary | undefined;
  /** Passes a request to the service of a BMC. Never rejects: a BMC that does not run is a response too. */
  readonly exchange: (name: string, request: RedfishRequest, caller: Caller) => Promise<RedfishResponse>;
  /** Every BMC that has this account, with its role there; `names`: of these only. */
  readonly rolesOf: (userName: string, proof: string, names?: readonly string[]) => Promise<Map<string, FleetRole>>;
}
