/** The BMC's side of a fleet: who asks, as an account of the BMC or of the fleet. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import type { Bmc } from "../../../model/bmc/bmc.js";
import type { User } from "../../../model/bmc/users/user.js";
import type { AccountAccess, Caller } from "../../../model/fleet/summary.js";
import { type Principal, roleOfUser } from "../privileges.js";

export interface Callers {
  /** What this account may do; undefined for a wrong password and for an account that must not log in now. */
  readonly access: (userName: string, password: string) => AccountAccess | undefined;
  /** undefined when the account has changed since the proof was made. */
  readonly principalOf: (caller: Caller) => Principal | undefined;
}

const saltBytes = 16;

export function createCallers(
  { users, badPasswords }: Pick<Bmc, "users" | "badPasswords">,
  now: () => number,
): Callers {
  function allowed(userName: string): User | undefined {
    const user = users.findByName(Buffer.from(userName));
    return user && user.password.length > 0 && !badPasswords.isDisabled(user.id, now()) ? user : undefined;
  }

  return {
    access: (userName, password) => {
      const user = allowed(userName);
      const role = user && roleOfUser(user);
      const salt = randomBytes(saltBytes);
      // Compared as hashes, and in any case: neither the name nor the length of the password shows in the time.
      const given = proofOf(salt, userName, Buffer.from(password));
      const isRight = isSame(given, proofOf(salt, userName, user?.password ?? Buffer.alloc(0)));
      return isRight && role ? { role, proof: given } : undefined;
    },
    principalOf: (caller) => {
      if (caller.kind === "fleet") {
        return { userId: 0, userName: caller.userName, role: caller.role };
      }
      const user = allowed(caller.userName);
      const role = user && roleOfUser(user);
      const salt = Buffer.from(caller.proof.split(".", 1)[0] ?? "", "base64url");
      return user && role && isSame(caller.proof, proofOf(salt, caller.userName, user.password))
        ? { userId: user.id, userName: user.name, role }
        : undefined;
    },
  };
}

function proofOf(salt: Buffer, userName: string, password: Buffer): string {
  const hmac = createHmac("sha256", salt).update(userName).update("\0").update(password);
  return `${salt.toString("base64url")}.${hmac.digest("base64url")}`;
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
