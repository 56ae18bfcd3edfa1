/** The reply to `vbmc account`. */
import type { AccountRequest, ControlResponse } from "../../control/messages.js";
import type { FleetAccount } from "../../model/fleet/summary.js";

/** A row for each account; a change shows none. */
export function renderAccounts(accounts: readonly FleetAccount[], { action }: AccountRequest): ControlResponse {
  return action === "list"
    ? { rc: 0, header: ["User name", "Role"], rows: accounts.map(({ userName, role }) => [userName, role]) }
    : { rc: 0, msg: [] };
}
