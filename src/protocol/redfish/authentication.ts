/** Authenticates a request (DSP0266 "Authentication") by session token or Basic authentication. */
import { createHash, timingSafeEqual } from "node:crypto";

import type { LoginFailures } from "../../model/bmc/users/loginFailures.js";
import type { User, UserTable } from "../../model/bmc/users/users.js";
import type { RedfishRequest } from "./exchange.js";
import { message } from "./messages.js";
import { type Principal, type Role, roleOfUser } from "./privileges.js";
import { RedfishError } from "./redfishError.js";
import type { Sessions } from "./sessions.js";

export interface Authentication {
  /** undefined without credentials; throws 401 for wrong ones. */
  readonly identify: (request: Pick<RedfishRequest, "headers" | "remote">) => Principal | undefined;
  /** The account for a name and password; throws 401. Failures count towards the lockout that IPMI shares. */
  readonly logIn: (name: string, password: string, remote: string) => { readonly user: User; readonly role: Role };
}

/** The same response for every reason. */
export function noValidSession(): RedfishError {
  return new RedfishError(401, [message("NoValidSession")], { "WWW-Authenticate": 'Basic realm="Redfish"' });
}

export function createAuthentication(users: UserTable, sessions: Sessions, failures: LoginFailures): Authentication {
  function logIn(name: string, password: string, remote: string): { user: User; role: Role } {
    const user = users.findByName(Buffer.from(name));
    const role = user && roleOfUser(user);
    // Compare in any case: the response for an unknown name must take as long.
    const isRight = isSamePassword(Buffer.from(password), user?.password ?? Buffer.alloc(0));
    if (!user || user.password.length === 0) {
      failures.failed("unknown user", remote);
      throw noValidSession();
    }
    if (failures.isDisabled(user)) {
      failures.failed("user disabled after bad passwords", remote, user);
      throw noValidSession();
    }
    if (!isRight || !role) {
      failures.failed(isRight ? "privilege level not allowed" : "wrong password", remote, user);
      throw noValidSession();
    }
    failures.succeeded(remote, user);
    return { user, role };
  }

  function byToken(token: string): Principal {
    const session = sessions.byToken(token);
    if (!session) {
      throw noValidSession();
    }
    const { userId, userName, role, id } = session;
    return { userId, userName, role, sessionId: id };
  }

  function byBasic(credentials: string, remote: string): Principal {
    const decoded = Buffer.from(credentials, "base64").toString();
    const colon = decoded.indexOf(":");
    if (colon < 0) {
      throw noValidSession();
    }
    const { user, role } = logIn(decoded.slice(0, colon), decoded.slice(colon + 1), remote);
    return { userId: user.id, userName: user.name, role };
  }

  return {
    logIn,
    identify: ({ headers, remote }) => {
      const token = headers["x-auth-token"];
      if (token !== undefined) {
        return byToken(token);
      }
      const authorization = headers["authorization"];
      if (authorization === undefined) {
        return undefined;
      }
      const [, credentials] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization) ?? [];
      if (credentials === undefined) {
        throw noValidSession();
      }
      return byBasic(credentials, remote);
    },
  };
}

/** Hash first: the comparison then takes the same time for all lengths. */
function isSamePassword(given: Buffer, kept: Buffer): boolean {
  return timingSafeEqual(digest(given), digest(kept));
}

function digest(value: Buffer): Buffer {
  return createHash("sha256").update(value).digest();
}
