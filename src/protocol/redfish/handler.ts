/**
 * Handles a request to any Redfish service (DSP0266): URI, login, resource, headers, method, privilege, and finally the
 * method itself.
 */
import { createKeyedQueue } from "../../base/async/serialQueue.js";
import { traceOf } from "../../base/errors.js";
import { noValidSession } from "./authentication.js";
import { complete, type CompleteResponse, type RedfishRequest, type RedfishResponse } from "./exchange.js";
import { createKeptAnswers } from "./keptAnswers.js";
import { message } from "./messages.js";
import { isRead, perform, type Performance } from "./methods.js";
import { checkHeaders } from "./preconditions.js";
import type { Principal } from "./privileges.js";
import { internalError, RedfishError, toErrorResponse, toRedfishError } from "./redfishError.js";
import type { CommonParts, Visit } from "./resource.js";
import type { Route, Router } from "./router.js";

/** What a service reports about its work, for counters and events: never a password or token. */
export interface SeenRequest {
  readonly method: string;
  /** URI template of the resource; undefined for an unknown path. */
  readonly resource: string | undefined;
  readonly status: number;
  readonly ms: number;
  readonly source: string;
  readonly user: string | undefined;
  /** What it changes, e.g. `ComputerSystem.Reset ResetType=On`; undefined for a request that only reads. */
  readonly change: string | undefined;
  /** Why the status is an error. */
  readonly reason: string | undefined;
}

/**
 * Never throws or rejects: errors are responses too. Returns no promise if there is nothing to wait for. `given`: the client,
 * if another front end has authenticated it.
 */
export type Handle = (
  request: RedfishRequest,
  given?: { readonly principal: Principal },
) => CompleteResponse | Promise<CompleteResponse>;

/** The client of a request; undefined without credentials. Throws 401 for wrong ones. */
export type Identify = (
  request: Pick<RedfishRequest, "headers" | "remote">,
) => Principal | undefined | Promise<Principal | undefined>;

export interface HandlerOptions<P extends CommonParts> {
  readonly parts: P;
  readonly route: Router<P>;
  readonly identify: Identify;
  /** An action that takes longer is answered with 202 and a task, ms. */
  readonly taskAfterMs?: number;
  readonly onRequest?: ((seen: SeenRequest) => void) | undefined;
}

/** fence_redfish waits 3 s for an answer, Ansible 10 s. */
const defaultTaskAfterMs = 2_500;

export function createHandler<P extends CommonParts>({
  parts,
  route,
  identify,
  taskAfterMs = defaultTaskAfterMs,
  onRequest,
}: HandlerOptions<P>): Handle {
  const { timers, log } = parts;

  function toFailure(error: unknown): RedfishResponse {
    const known = toRedfishError(error);
    if (!known) {
      log("error", "unexpected error in a Redfish request", { reason: traceOf(error) });
    }
    return toErrorResponse(known ?? internalError());
  }

  function finish(request: RedfishRequest, progress: Progress<P>, response: RedfishResponse): CompleteResponse {
    onRequest?.({
      method: request.method,
      resource: templateOf(progress.route),
      status: response.status,
      ms: timers.now() - progress.startedAt,
      source: request.remote,
      user: progress.principal?.userName,
      change: progress.change,
      reason: reasonOf(response),
    });
    return complete(response);
  }

  const tools: Tools<P> = {
    identify,
    parts,
    route,
    taskAfterMs,
    toFailure,
    kept: createKeptAnswers(),
    writes: createKeyedQueue(),
  };
  return (request, given) => {
    const principal = given?.principal;
    const progress: Progress<P> = { startedAt: timers.now(), route: undefined, principal, change: undefined };
    try {
      const response = answer(request, progress, tools);
      return response instanceof Promise
        ? response.catch(toFailure).then((settled) => finish(request, progress, settled))
        : finish(request, progress, response);
    } catch (error) {
      return finish(request, progress, toFailure(error));
    }
  };
}

interface Progress<P extends object> {
  /** ms since the epoch. */
  readonly startedAt: number;
  route: Route<P> | undefined;
  principal: Principal | undefined;
  change: string | undefined;
}

interface Tools<P extends CommonParts> extends Performance<P> {
  readonly identify: Identify;
  readonly parts: P;
}

function answer<P extends CommonParts>(
  request: RedfishRequest,
  progress: Progress<P>,
  tools: Tools<P>,
): RedfishResponse | Promise<RedfishResponse> {
  const { route, identify } = tools;
  const found = route(request.path);
  progress.route = found;
  const principal = progress.principal ?? (isOpen(found, request) ? undefined : identify(request));
  if (principal instanceof Promise) {
    return principal.then((identified) => {
      progress.principal = identified;
      return answerTo(request, progress, tools);
    });
  }
  progress.principal = principal;
  return answerTo(request, progress, tools);
}

/** Once it is known who asks. */
function answerTo<P extends CommonParts>(
  request: RedfishRequest,
  progress: Progress<P>,
  tools: Tools<P>,
): RedfishResponse | Promise<RedfishResponse> {
  const { route: found } = progress;
  if (!found) {
    throw progress.principal || !isOurs(request.path) ? missing(request.path) : noValidSession();
  }
  const { principal } = progress;
  if (!principal && !isOpen(found, { method: request.method, query: "" })) {
    throw noValidSession();
  }
  const { params, uri } = found;
  // In this order: V8 takes 7 µs to add properties to what it has spread.
  const visit = { params, principal, remote: request.remote, uri, ...tools.parts } as Visit<P>;
  if (found.kind !== "document" && found.resource.has?.(visit) === false) {
    throw missing(request.path);
  }
  if (found.kind !== "document") {
    checkHeaders(request.headers);
  }
  const onChange = (change: string): void => {
    progress.change = change;
  };
  return perform(found, request, visit, onChange, tools);
}

function isOurs(path: string): boolean {
  return path === "/redfish" || path.startsWith("/redfish/");
}

function missing(path: string): RedfishError {
  return new RedfishError(404, [message("ResourceMissingAtURI", [path])]);
}

/** Whether the resource can be read without login; that does not apply to resources added by a query. */
function isOpen<P extends object>(
  found: Route<P> | undefined,
  { method, query }: Pick<RedfishRequest, "method" | "query">,
): boolean {
  switch (found?.kind) {
    case "document":
      return found.document.privilege === undefined;
    case "resource":
      return isRead(method)
        ? found.resource.isPublic === true && query === ""
        : method === "POST" && isPublicCreation(found);
    default:
      return false;
  }
}

function isPublicCreation<P extends object>({ resource }: Extract<Route<P>, { kind: "resource" }>): boolean {
  return resource.members?.create?.isPublic === true;
}

function templateOf<P extends object>(found: Route<P> | undefined): string | undefined {
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
