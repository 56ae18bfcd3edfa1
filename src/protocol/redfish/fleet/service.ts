/**
 * One Redfish service for all BMCs of a daemon. What belongs to a BMC is passed to that BMC's own service; the fleet adds
 * collections, logins and an event stream of its own.
 */
import { defined } from "../../../base/defined.js";
import type { Log } from "../../../base/log.js";
import type { Timers } from "../../../model/bmc/timers.js";
import type { BmcSummary } from "../../../model/fleet/summary.js";
import { noValidSession } from "../authentication.js";
import { complete, jsonBodyOf, type RedfishRequest, type RedfishResponse } from "../exchange.js";
import { createHandler, type Handle } from "../handler.js";
import type { JsonObject } from "../json.js";
import { message } from "../messages.js";
import type { Principal } from "../privileges.js";
import { RedfishError, toErrorResponse } from "../redfishError.js";
import type { ServiceFacts } from "../resource.js";
import { createRouter } from "../router.js";
import { createSessionTable } from "../sessionTable.js";
import { createTasks } from "../tasks.js";
import { createFleetAuthentication, type FleetAccounts, type FleetAuthentication } from "./authentication.js";
import { createFleetEvents } from "./events.js";
import type { Fleet } from "./fleet.js";
import { callerAt, type FleetOwner, type FleetParts } from "./parts.js";
import { fleetDocuments, fleetResources } from "./resources/index.js";
import { summaryEvents } from "./summaryEvents.js";
import { type Place, placeOf, toFleetBody, toFleetUris } from "./uris.js";

export interface FleetService {
  readonly handle: Handle;
  /** Who sent a request, for what is not Redfish. Rejects with RedfishError 401. */
  readonly identify: FleetAuthentication["identify"];
  /** As whom the holder of a token uses a BMC's console and drives; undefined: not at all. */
  readonly accessTo: (name: string, token: string) => BmcAccess | undefined;
  /** Sends the event streams what has changed of a BMC; undefined: it was not, or is no more. */
  readonly changed: (name: string, before: BmcSummary | undefined, after: BmcSummary | undefined) => void;
  /** Ends sessions and event streams. */
  readonly close: () => void;
}

export interface BmcAccess {
  readonly userName: string;
  /** May look, and change nothing. */
  readonly isReadOnly: boolean;
}

export interface FleetServiceOptions {
  readonly fleet: Fleet;
  readonly accounts: FleetAccounts;
  readonly timers: Timers;
  readonly log: Log;
  readonly facts: Pick<ServiceFacts, "registryFile">;
  readonly uuid: string;
  readonly sessionTimeoutSeconds: number;
  readonly maxSessions: number;
  readonly onLoginFailed: (failure: { readonly source: string }) => void;
}

const route = createRouter(fleetResources, fleetDocuments);

export function createFleetService(options: FleetServiceOptions): FleetService {
  const { fleet, accounts, timers, log, facts, uuid, onLoginFailed } = options;
  const { sessionTimeoutSeconds: timeoutSeconds, maxSessions } = options;
  const sessions = createSessionTable<FleetOwner>({
    now: timers.now,
    maxSessions,
    timeoutSeconds: () => timeoutSeconds,
    isCurrent: (owner) => owner.kind === "bmc" || accounts.stampOf(owner.userName) === owner.stamp,
  });
  const { identify, logIn } = createFleetAuthentication({
    fleet,
    accounts,
    sessions,
    now: timers.now,
    log,
    onLoginFailed,
  });
  const events = createFleetEvents(timers);
  const parts: FleetParts = {
    fleet,
    sessions,
    timeoutSeconds,
    events,
    facts,
    uuid,
    logIn,
    tasks: createTasks(timers, () => undefined),
    timers,
    log,
    elsewhere: (uri, { principal, remote }) => readMember(fleet, uri, principal, remote),
  };
  /** Sessions of accounts that a BMC has see it from its start on. */
  async function admit(name: string): Promise<void> {
    const owners = sessions.all().map(({ owner }) => owner);
    for (const owner of owners) {
      if (owner.kind === "bmc") {
        const role = (await fleet.rolesOf(owner.userName, owner.proof, [name])).get(name);
        if (role === undefined) {
          owner.roles.delete(name);
        } else {
          owner.roles.set(name, role);
        }
      }
    }
  }

  const handleOwn = createHandler({ parts, route, identify });

  return {
    handle: async (request, given) => {
      const place = placeOf(request.path);
      return place
        ? complete(await pass(fleet, place, request, given ? () => given.principal : identify))
        : handleOwn(request, given);
    },
    identify,
    accessTo: (name, token) => {
      const owner = sessions.byToken(token)?.owner;
      const role = owner?.kind === "fleet" ? owner.role : owner?.roles.get(name);
      return owner && role && fleet.find(name)
        ? { userName: owner.userName, isReadOnly: role === "ReadOnly" }
        : undefined;
    },
    changed: (name, before, after) => {
      if (after?.state === "running" && before?.state !== "running") {
        void admit(name);
      }
      summaryEvents(name, before, after, timers.now()).forEach((event) => events.publish(name, event));
    },
    close: () => {
      events.endAll();
      sessions.closeAll();
    },
  };
}

/** The request as the BMC sees it, and its response as the fleet shows it. */
async function pass(
  fleet: Fleet,
  place: Place,
  request: RedfishRequest,
  identify: FleetAuthentication["identify"],
): Promise<RedfishResponse> {
  try {
    const principal = await identify(request);
    if (!principal) {
      throw noValidSession();
    }
    return await exchange(fleet, place, request, principal);
  } catch (error) {
    if (error instanceof RedfishError) {
      return toErrorResponse(error);
    }
    throw error;
  }
}

async function exchange(
  fleet: Fleet,
  { name, path }: Place,
  request: RedfishRequest,
  principal: Principal,
): Promise<RedfishResponse> {
  const caller = callerAt(name, principal);
  if (!fleet.find(name) || !caller) {
    throw new RedfishError(404, [message("ResourceMissingAtURI", [request.path])]);
  }
  const response = await fleet.exchange(name, { ...request, path, headers: withoutLogin(request.headers) }, caller);
  return toFleetResponse(response, name);
}

/** The fleet has logged the client in: what it sent for that is not the BMC's to see. */
function withoutLogin(headers: RedfishRequest["headers"]): RedfishRequest["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([key]) => !["x-auth-token", "authorization", "cookie"].includes(key)),
  );
}

function toFleetResponse(response: RedfishResponse, name: string): RedfishResponse {
  const { status, headers, body: own } = response;
  const { Location: location } = headers;
  const json = jsonBodyOf(response);
  const body = json ? toFleetBody(json, name) : own;
  return defined({
    status,
    headers: { ...headers, ...defined({ Location: location === undefined ? undefined : toFleetUris(location, name) }) },
    body,
  });
}

/** A BMC's resource for `$expand`; undefined where the client sees none. */
async function readMember(
  fleet: Fleet,
  uri: string,
  principal: Principal | undefined,
  remote: string,
): Promise<JsonObject | undefined> {
  const place = placeOf(uri);
  const caller = place && callerAt(place.name, principal);
  if (!place || !caller || !fleet.find(place.name)) {
    return undefined;
  }
  const request: RedfishRequest = { method: "GET", path: place.path, query: "", headers: {}, remote };
  const response = await fleet.exchange(place.name, request, caller);
  const body = response.status === 200 ? jsonBodyOf(response) : undefined;
  return body && toFleetBody(body, place.name);
}
