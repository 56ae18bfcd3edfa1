/**
 * The Redfish service of one BMC (DSP0266): a request as data in, a response as data out. The steps of a request are
 * URI, login, resource, headers, method, privilege, and then what the method does.
 */
import { traceOf } from "../../base/errors.js";
import type { Log } from "../../base/log.js";
import type { Bmc } from "../../model/bmc/bmc.js";
import type { BmcStorage } from "../../model/bmc/state/storage.js";
import type { Timers } from "../../model/bmc/timers.js";
import { createLoginFailures, type LoginFailure } from "../../model/bmc/users/loginFailures.js";
import type { Machine } from "../../model/machine/machine.js";
import { type Authentication, createAuthentication, noValidSession } from "./authentication.js";
import { createEventing } from "./events/eventing.js";
import type { Delivery } from "./events/postman.js";
import { publishFrom, taskEvent } from "./events/sources.js";
import type { RedfishRequest, RedfishResponse } from "./exchange.js";
import { message } from "./messages.js";
import { perform, type Performance } from "./methods.js";
import { checkHeaders } from "./preconditions.js";
import type { Principal } from "./privileges.js";
import { internalError, RedfishError, toErrorResponse, toRedfishError } from "./redfishError.js";
import type { ServiceFacts, ServiceParts, Visit } from "./resource.js";
import { documents, resources } from "./resources/index.js";
import { createRouter, type Route } from "./router.js";
import { createSessions } from "./sessions.js";
import { createTasks } from "./tasks.js";

export interface RedfishService {
  /** Never rejects: what goes wrong is a response too. */
  readonly handle: (request: RedfishRequest, given?: { readonly principal: Principal }) => Promise<RedfishResponse>;
  /** Ends all sessions and event streams. */
  readonly close: () => void;
}

/** What a service lets be seen of its work, for counters and events: never a password or token. */
export interface SeenRequest {
  readonly method: string;
  /** URI template of the resource; undefined for a path that is none. */
  readonly resource: string | undefined;
  readonly status: number;
  readonly ms: number;
  readonly source: string;
  readonly user: string | undefined;
  /** What it asked to be changed, e.g. `ComputerSystem.Reset ResetType=On`; undefined for what only reads. */
  readonly change: string | undefined;
  /** Why the status is an error. */
  readonly reason: string | undefined;
}

export interface RedfishOptions {
  readonly bmc: Bmc;
  readonly machine: Machine;
  /** What outlives the process. */
  readonly storage: BmcStorage;
  readonly timers: Timers;
  readonly log: Log;
  readonly facts: ServiceFacts;
  /** How events get to those who subscribed to them. */
  readonly delivery: Delivery;
  /** Inactivity time-out of a session until SessionService is told another one, seconds. */
  readonly sessionTimeoutSeconds?: number;
  readonly maxSessions?: number;
  /** An action that takes longer is answered with 202 and a task, ms. */
  readonly taskAfterMs?: number;
  readonly onRequest?: (seen: SeenRequest) => void;
  readonly onLoginFailed?: (failure: LoginFailure) => void;
}

/** fence_redfish waits 3 s for an answer, Ansible 10 s. */
const defaultTaskAfterMs = 2_500;

const route = createRouter(resources, documents);

export function createRedfishService(options: RedfishOptions): RedfishService {
  const { bmc, machine, storage, timers, log, facts, delivery, onRequest, onLoginFailed } = options;
  const { taskAfterMs = defaultTaskAfterMs, sessionTimeoutSeconds, maxSessions } = options;
  let startedAt = timers.now();
  const sessions = createSessions({
    users: bmc.users,
    storage,
    now: timers.now,
    ...(sessionTimeoutSeconds !== undefined && { timeoutSeconds: sessionTimeoutSeconds }),
    ...(maxSessions !== undefined && { maxSessions }),
  });
  const failures = createLoginFailures({ bmc, now: timers.now, log, onLoginFailed });
  const authentication = createAuthentication(bmc.users, sessions, failures);
  const eventing = createEventing({ storage, timers, log, delivery });
  const endSources = publishFrom(bmc, eventing.publish, timers.now);
  const parts: ServiceParts = {
    bmc,
    machine,
    sessions,
    tasks: createTasks(timers, (task) => eventing.publish(taskEvent(task, timers.now()))),
    eventing,
    timers,
    log,
    facts,
    startedAt: () => startedAt,
    logIn: authentication.logIn,
  };
  bmc.onColdReset(() => {
    startedAt = timers.now();
    sessions.closeAll();
    eventing.endStreams();
  });
  function toFailure(error: unknown): RedfishResponse {
    const known = toRedfishError(error);
    if (!known) {
      log("error", "a Redfish request failed in a way that was not foreseen", {
        reason: traceOf(error),
      });
    }
    return toErrorResponse(known ?? internalError());
  }

  async function handle(request: RedfishRequest, given?: { readonly principal: Principal }): Promise<RedfishResponse> {
    const begunAt = timers.now();
    const progress: Progress = { route: undefined, principal: given?.principal, change: undefined };
    const response = await answer(request, progress, { authentication, parts, route, taskAfterMs, toFailure }).catch(
      toFailure,
    );
    onRequest?.({
      method: request.method,
      resource: templateOf(progress.route),
      status: response.status,
      ms: timers.now() - begunAt,
      source: request.remote,
      user: progress.principal?.userName,
      change: progress.change,
      reason: reasonOf(response),
    });
    return withCommonHeaders(response);
  }

  return {
    handle,
    close: () => {
      endSources();
      eventing.close();
      sessions.closeAll();
    },
  };
}

interface Progress {
  route: Route | undefined;
  principal: Principal | undefined;
  change: string | undefined;
}

interface Tools extends Performance {
  readonly authentication: Authentication;
  readonly parts: ServiceParts;
}

async function answer(
  request: RedfishRequest,
  progress: Progress,
  { authentication, parts, ...performance }: Tools,
): Promise<RedfishResponse> {
  const found = route(request.path);
  progress.route = found;
  progress.principal ??= isOpen(found, request) ? undefined : authentication.identify(request);
  if (!found) {
    throw progress.principal || !isOurs(request.path) ? missing(request.path) : noValidSession();
  }
  const { principal } = progress;
  if (!principal && !isOpen(found, { ...request, query: "" })) {
    throw noValidSession();
  }
  const visit: Visit = { ...parts, params: found.params, principal, remote: request.remote, uri: found.uri };
  if (found.kind !== "document" && found.resource.has?.(visit) === false) {
    throw missing(request.path);
  }
  if (found.kind !== "document") {
    checkHeaders(request.headers);
  }
  const onChange = (change: string): void => {
    progress.change = change;
  };
  return perform(found, request, visit, onChange, performance);
}

function isOurs(path: string): boolean {
  return path === "/redfish" || path.startsWith("/redfish/");
}

function missing(path: string): RedfishError {
  return new RedfishError(404, [message("ResourceMissingAtURI", [path])]);
}

/** Whether the sender does not matter: it is to be had without login. What a query adds to it may not be. */
function isOpen(found: Route | undefined, { method, query }: RedfishRequest): boolean {
  const isRead = method === "GET" || method === "HEAD";
  switch (found?.kind) {
    case "document":
      return found.document.privilege === undefined;
    case "resource":
      return isRead ? found.resource.isPublic === true && query === "" : method === "POST" && isPublicCreation(found);
    default:
      return false;
  }
}

function isPublicCreation({ resource }: Extract<Route, { kind: "resource" }>): boolean {
  return resource.members?.create?.isPublic === true;
}

function templateOf(found: Route | undefined): string | undefined {
  switch (found?.kind) {
    case "resource":
      return found.resource.uri;
    case "action":
      return `${found.resource.uri}/Actions/${found.action}`;
    case "document":
      return found.document.uri;
    case undefined:
      return undefined;
  }
}

function reasonOf({ status, body }: RedfishResponse): string | undefined {
  const failure = status >= 400 ? (body as { readonly error?: { readonly message?: unknown } } | undefined) : undefined;
  return failure?.error === undefined ? undefined : String(failure.error.message);
}

function withCommonHeaders({ status, headers, body }: RedfishResponse): RedfishResponse {
  const type = typeof body === "object" ? { "Content-Type": "application/json; charset=utf-8" } : {};
  return {
    status,
    headers: { "OData-Version": "4.0", "Cache-Control": "no-cache", ...type, ...headers },
    ...(body !== undefined && { body }),
  };
}
