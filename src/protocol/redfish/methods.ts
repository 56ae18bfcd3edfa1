/** The HTTP methods and what they do. */
import type { KeyedQueue } from "../../base/async/serialQueue.js";
import { requireAccess } from "./access.js";
import { act, type ActingOptions } from "./acting.js";
import { create, type OnChange, patch, remove } from "./changing.js";
import type { RedfishRequest, RedfishResponse } from "./exchange.js";
import { message } from "./messages.js";
import { isAllowed } from "./privileges.js";
import { get, type ReadingOptions } from "./reading.js";
import { RedfishError } from "./redfishError.js";
import { methodsOf } from "./representation.js";
import type { CommonParts, Document, Visit } from "./resource.js";
import type { Route } from "./router.js";

export interface Performance<P extends object> extends ActingOptions, ReadingOptions<P> {
  /** Writes to one resource are done one after the other, so that of two with the same If-Match only one succeeds. */
  readonly writes: KeyedQueue;
}

/** Throws and rejects with RedfishError, or with the errors of the model. */
export function perform<P extends CommonParts>(
  found: Route<P>,
  request: RedfishRequest,
  visit: Visit<P>,
  onChange: OnChange,
  performance: Performance<P>,
): RedfishResponse | Promise<RedfishResponse> {
  requireMethod(found, request.method);
  switch (found.kind) {
    case "document":
      return readDocument(found.document, visit);
    case "action":
      return act(found.resource, found.action, request, visit, onChange, performance);
    case "resource":
      return performOnResource(found, request, visit, onChange, performance);
  }
}

function performOnResource<P extends CommonParts>(
  { resource }: Extract<Route<P>, { kind: "resource" }>,
  request: RedfishRequest,
  visit: Visit<P>,
  onChange: OnChange,
  performance: Performance<P>,
): RedfishResponse | Promise<RedfishResponse> {
  switch (request.method) {
    case "POST":
      return create(resource, request, visit, performance.route, onChange);
    case "PATCH": {
      const write = (): Promise<RedfishResponse> => patch(resource, request, visit, onChange, performance);
      // A long one must not delay the next, which is refused while one is in progress.
      return resource.longWrite ? write() : performance.writes.run(visit.uri, write);
    }
    case "DELETE":
      return performance.writes.run(visit.uri, () => remove(resource, request, visit, onChange));
    default:
      return get(resource, request, visit, performance);
  }
}

async function readDocument<P extends CommonParts>(
  { privilege, respond }: Document<P>,
  visit: Visit<P>,
): Promise<RedfishResponse> {
  requireAccess(
    privilege === undefined || (visit.principal !== undefined && isAllowed(visit.principal, [privilege], false)),
  );
  const response = await respond(visit);
  if (!response) {
    throw new RedfishError(404, [message("ResourceMissingAtURI", [visit.uri])]);
  }
  return response;
}

/** Throws 405 with `Allow`. */
function requireMethod<P extends CommonParts>(found: Route<P>, method: string): void {
  if (isRead(method) && found.kind !== "action") {
    return;
  }
  const allowed = allowedMethods(found);
  if (!allowed.includes(method)) {
    throw new RedfishError(405, [message("OperationNotAllowed")], { Allow: allowed.join(", ") });
  }
}

/** Everything but an action can be read. */
export function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function allowedMethods<P extends CommonParts>(found: Route<P>): readonly string[] {
  switch (found.kind) {
    case "resource":
      return methodsOf(found.resource);
    case "action":
      return ["POST"];
    case "document":
      return ["GET", "HEAD"];
  }
}
