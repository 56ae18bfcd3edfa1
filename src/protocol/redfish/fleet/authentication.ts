/** Who a request to the fleet comes from: an account of the fleet, or one that some of its BMCs have. */
import { createHash } from "node:crypto";

import type { Log } from "../../../base/log.js";
import { noValidSession } from "../authentication.js";
import type { Identify } from "../handler.js";
import { message } from "../messages.js";
import type { Role } from "../privileges.js";
import { RedfishError } from "../redfishError.js";
import type { SessionTable } from "../sessionTable.js";
import type { Fleet } from "./fleet.js";
import { type FleetOwner, principalOf } from "./parts.js";
import { makeProof } from "./proof.js";

/** Accounts of the fleet itself. */
export interface FleetAccounts {
  /** undefined for an unknown name or a wrong password; takes equally long for both. */
  readonly verify: (userName: string, password: string) => Promise<Role | undefined>;
  /** Changes with the account's password and role; undefined for an unknown name. */
  readonly stampOf: (userName: string) => string | undefined;
}

export interface FleetAuthenticationOptions {
  readonly fleet: Pick<Fleet, "rolesOf">;
  readonly accounts: FleetAccounts;
  readonly sessions: Pick<SessionTable<FleetOwner>, "byToken">;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly log: Log;
  readonly onLoginFailed: (failure: { readonly source: string }) => void;
}

export interface FleetAuthentication {
  readonly identify: Identify;
  /** Rejects with 401, or with 503 while too many logins of this address have failed. */
  readonly logIn: (userName: string, password: string, remote: string) => Promise<FleetOwner>;
}

/** Failures of an address before it has to wait. */
const maxFailures = 10;
const failureWindowMs = 60_000;
/** Addresses that are counted. */
const maxAddresses = 1_024;
/** How long a login by Basic authentication is remembered: each BMC would be asked for every request otherwise. */
const basicLifetimeMs = 10_000;
const maxRemembered = 64;

export function createFleetAuthentication(options: FleetAuthenticationOptions): FleetAuthentication {
  const { fleet, accounts, sessions, now, log, onLoginFailed } = options;
  const failures = createFailureCount(now);
  const remembered = new Map<string, { readonly owner: FleetOwner; readonly until: number }>();

  async function logIn(userName: string, password: string, remote: string): Promise<FleetOwner> {
    if (failures.isBlocked(remote)) {
      const text = "Too many logins from this address have failed: try again in a minute.";
      const error = message("ServiceTemporarilyUnavailable", ["60"], { text });
      throw new RedfishError(503, [error], { "Retry-After": "60" });
    }
    const role = await accounts.verify(userName, password);
    const stamp = accounts.stampOf(userName);
    if (role !== undefined && stamp !== undefined) {
      failures.reset(remote);
      return { kind: "fleet", userName, role, stamp };
    }
    // An account of the fleet hides those of BMCs that have its name.
    const proof = makeProof(userName, password);
    const roles = stamp === undefined ? await fleet.rolesOf(userName, proof) : undefined;
    if (!roles || roles.size === 0) {
      if (failures.add(remote)) {
        log("warn", "logins to the page were refused", { source: remote, failures: failures.count(remote) });
      }
      onLoginFailed({ source: remote });
      throw noValidSession();
    }
    failures.reset(remote);
    return { kind: "bmc", userName, proof, roles };
  }

  async function byBasic(credentials: string, remote: string): Promise<FleetOwner> {
    const key = createHash("sha256").update(`${remote} ${credentials}`).digest("base64");
    const known = remembered.get(key);
    if (known && known.until > now()) {
      return known.owner;
    }
    const decoded = Buffer.from(credentials, "base64").toString();
    const colon = decoded.indexOf(":");
    if (colon < 0) {
      throw noValidSession();
    }
    const owner = await logIn(decoded.slice(0, colon), decoded.slice(colon + 1), remote);
    remembered.delete(key);
    remembered.set(key, { owner, until: now() + basicLifetimeMs });
    for (const oldest of remembered.size > maxRemembered ? remembered.keys() : []) {
      remembered.delete(oldest);
      break;
    }
    return owner;
  }

  return {
    logIn,
    identify: async ({ headers, remote }) => {
      const token = headers["x-auth-token"];
      if (token !== undefined) {
        const session = sessions.byToken(token);
        if (!session) {
          throw noValidSession();
        }
        return principalOf(session.owner, session.id);
      }
      const authorization = headers["authorization"];
      if (authorization === undefined) {
        return undefined;
      }
      const [, credentials] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization) ?? [];
      if (credentials === undefined) {
        throw noValidSession();
      }
      return principalOf(await byBasic(credentials, remote));
    },
  };
}

interface FailureCount {
  readonly isBlocked: (address: string) => boolean;
  /** Whether this one is worth a line in the log: the 1st, and the one that blocks the address. */
  readonly add: (address: string) => boolean;
  readonly count: (address: string) => number;
  readonly reset: (address: string) => void;
}

function createFailureCount(now: () => number): FailureCount {
  const counts = new Map<string, { count: number; since: number }>();

  function current(address: string): { count: number; since: number } | undefined {
    const entry = counts.get(address);
    return entry && now() - entry.since < failureWindowMs ? entry : undefined;
  }

  return {
    isBlocked: (address) => (current(address)?.count ?? 0) >= maxFailures,
    add: (address) => {
      const entry = current(address) ?? { count: 0, since: now() };
      entry.count++;
      counts.delete(address);
      counts.set(address, entry);
      for (const oldest of counts.size > maxAddresses ? counts.keys() : []) {
        counts.delete(oldest);
        break;
      }
      return entry.count === 1 || entry.count === maxFailures;
    },
    count: (address) => current(address)?.count ?? 0,
    reset: (address) => counts.delete(address),
  };
}
