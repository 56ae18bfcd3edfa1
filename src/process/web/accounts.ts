/** The accounts of the fleet, as the supervisor has read them. */
import { hashPassword, verifyPassword } from "../../io/password/passwordHash.js";
import type { FleetAccount } from "../../model/fleet/summary.js";
import type { FleetAccounts } from "../../protocol/redfish/fleet/authentication.js";

export interface KnownAccounts extends FleetAccounts {
  readonly use: (accounts: readonly FleetAccount[]) => void;
}

export function createKnownAccounts(): KnownAccounts {
  let known = new Map<string, FleetAccount>();
  /** Verified instead of a password of an unknown user, so that both take the same time. */
  const decoy = hashPassword("");

  return {
    use: (accounts) => {
      known = new Map(accounts.map((account) => [account.userName, account]));
    },
    verify: async (userName, password) => {
      const account = known.get(userName);
      const isRight = await verifyPassword(password, account?.hash ?? (await decoy));
      return isRight ? account?.role : undefined;
    },
    stampOf: (userName) => {
      const account = known.get(userName);
      return account && `${account.role} ${account.hash}`;
    },
  };
}
