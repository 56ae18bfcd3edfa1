/** The BMC's side of a fleet: who asks, as an account of the BMC or of the fleet. */
import type { Bmc } from "../../../model/bmc/bmc.js";
import type { User } from "../../../model/bmc/users/user.js";
import type { Caller, FleetRole } from "../../../model/fleet/summary.js";
import { type Principal, roleOfUser } from "../privileges.js";
import { isProofOf } from "./proof.js";

export interface Callers {
  /** What an account may do; undefined for a wrong proof and for an account that must not log in now. */
  readonly roleOf: (userName: string, proof: string) => FleetRole | undefined;
  /** undefined when the account has changed since the proof was made. */
  readonly principalOf: (caller: Caller) => Principal | undefined;
}

export function createCallers(
  { users, badPasswords }: Pick<Bmc, "users" | "badPasswords">,
  now: () => number,
): Callers {
  function proven(userName: string, proof: string): User | undefined {
    const user = users.findByName(Buffer.from(userName));
    // Compared in any case: an answer takes as long for an unknown name.
    const isRight = isProofOf(proof, userName, user?.password ?? Buffer.alloc(0));
    const mayLogIn = user && user.password.length > 0 && !badPasswords.isDisabled(user.id, now());
    return isRight && mayLogIn === true ? user : undefined;
  }

  return {
    roleOf: (userName, proof) => {
      const user = proven(userName, proof);
      return user && roleOfUser(user);
    },
    principalOf: (caller) => {
      if (caller.kind === "fleet") {
        return { userId: 0, userName: caller.userName, role: caller.role };
      }
      const user = proven(caller.userName, caller.proof);
      const role = user && roleOfUser(user);
      return user && role && { userId: user.id, userName: user.name, role };
    },
  };
}
