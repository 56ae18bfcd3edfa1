/** `vbmc list`: an overview of all BMCs. */
import type { ListRequest } from "../../control/messages.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { type BmcOverview, overviewOf } from "./overview.js";

export interface ListedBmc extends BmcOverview {
  /** Why nothing the BMC learns can be kept; looked at for a long list only. */
  readonly keepingProblem: string | undefined;
}

/** `vbmc list`: all BMCs, in no particular order. */
export function listBmcs({ long }: Pick<ListRequest, "long">, supervisor: Supervisor): readonly ListedBmc[] {
  return [...supervisor.store.list()].map(([name, entry]) => ({
    ...overviewOf(name, entry, supervisor),
    keepingProblem: long ? supervisor.store.keepingFault(name) : undefined,
  }));
}
