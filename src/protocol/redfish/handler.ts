/**
 * Handles a request to any Redfish service (DSP0266): URI, login, resource, headers, method, privilege, and finally the
 * method itself.
 */
import { traceOf } from "../../base/errors.js";
import { noValidSession } from "./authentication.js";
import type { RedfishRequest, RedfishResponse } from "./exchange.js";
import { message } from "./messages.js";
import { perform, type Performance } from "./methods.js";
import { checkHeaders } from "./preconditions.js";
import type { Principal } from "./privileges.js";
import { internalError, RedfishError, toErrorResponse, toRedfishError } from "./redfishError.js";
import type { CommonParts, Visit, VisitedRequest } from "./resource.js";
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

/** Never rejects: errors are responses too. `given`: the client, if another front end has authenticated it. */
export type Handle = (request: RedfishRequest, given?: { readonly principal: Principal }) => Promise<RedfishResponse>;

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

  const tools: Tools<P> = { identify, parts, route, taskAfterMs, toFailure };
  return async (request, given) => {
    const begunAt = timers.now();
    const progress: Progress<P> = { route: undefined, principal: given?.principal, change: undefined };
    const response = await answer(request, progress, tools).catch(toFailure);
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
  };
}

interface Progress<P extends object> {
  route: Route<P> | undefined;
  principal: Principal | undefined;
  change: string | undefined;
}

interface Tools<P extends CommonParts> extends Performance<P> {
  readonly identify: Identify;
  readonly parts: P;
}

async function answer<P extends CommonParts>(
  request: RedfishRequest,
  progress: Progress<P>,
  tools: Tools<P>,
): Promise<RedfishResponse> {
  const { parts, route, identify } = tools;
  const found = route(request.path);
  progress.route = found;
  progress.principal ??= isOpen(found, request) ? undefined : await identify(request);
  if (!found) {
    throw progress.principal || !isOurs(request.path) ? missing(request.path) : noValidSession();
  }
  const { principal } = progress;
  if (!principal && !isOpen(found, { ...request, query: "" })) {
    throw noValidSession();
  }
  const { params, uri } = found;
  const visited: VisitedRequest = { params, principal, remote: request.remote, uri };
  const visit: Visit<P> = { ...parts, ...visited };
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
function isOpen<P extends object>(found: Route<P> | undefined, { method, query }: RedfishRequest): boolean {
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

function withCommonHeaders({ status, headers, body }: RedfishResponse): RedfishResponse {
  const type = typeof body === "object" ? { "Content-Type": "application/json; charset=utf-8" } : {};
  return {
    status,
    headers: { "OData-Version": "4.0", "Cache-Control": "no-cache", ...type, ...headers },
    ...(body !== undefined && { body }),
  };
}
