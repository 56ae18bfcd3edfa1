/** GET and HEAD of a resource, including query options. */
import { mayRead, requireAccess } from "./access.js";
import type { RedfishRequest, RedfishResponse } from "./exchange.js";
import { expand } from "./expand.js";
import { isJsonObject, type JsonObject, textOf } from "./json.js";
import { message } from "./messages.js";
import { isUnchanged } from "./preconditions.js";
import { parseQuery, type Query } from "./query.js";
import { RedfishError } from "./redfishError.js";
import { methodsOf, represent } from "./representation.js";
import type { CommonParts, Resource, Visit } from "./resource.js";
import type { Router } from "./router.js";
import { describedBy } from "./schemaFile.js";
import { select } from "./select.js";

/** Rejects with RedfishError, or with the errors of the model. */
export async function get<P extends CommonParts>(
  resource: Resource<P>,
  request: RedfishRequest,
  visit: Visit<P>,
  route: Router<P>,
): Promise<RedfishResponse> {
  requireAccess(mayRead(resource, visit));
  const query = parseQuery(request.query);
  const needsMembers = query.only || query.top !== undefined || query.skip !== undefined;
  if (needsMembers && !resource.members) {
    throw new RedfishError(400, [message("QueryNotSupportedOnResource")]);
  }
  const whole = await represent(resource, visit, query);
  const etag = textOf(whole["@odata.etag"]);
  const headers = { Allow: methodsOf(resource).join(", "), ...describedBy(resource.type) };
  if (request.query !== "") {
    return { status: 200, headers, body: await shaped(whole, query, visit, route) };
  }
  return isUnchanged(request.headers, etag)
    ? { status: 304, headers: { ...headers, ETag: etag } }
    : { status: 200, headers: { ...headers, ETag: etag }, body: whole };
}

async function shaped<P extends CommonParts>(
  whole: JsonObject,
  query: Query,
  visit: Visit<P>,
  route: Router<P>,
): Promise<JsonObject> {
  const fetch = (uri: string): Promise<JsonObject | undefined> => read(uri, visit, route);
  const body = query.only ? ((await onlyMember(whole, fetch)) ?? whole) : whole;
  const expanded = query.expand ? await expand(body, query.expand, fetch) : body;
  return query.select ? select(expanded, query.select) : expanded;
}

async function onlyMember(
  { Members: members }: JsonObject,
  fetch: (uri: string) => Promise<JsonObject | undefined>,
): Promise<JsonObject | undefined> {
  const [first, ...others] = (members ?? []) as readonly JsonObject[];
  return isJsonObject(first) && others.length === 0 ? fetch(textOf(first["@odata.id"])) : undefined;
}

/** Another resource as the same client sees it; undefined if it does not exist for that client. */
async function read<P extends CommonParts>(
  uri: string,
  visit: Visit<P>,
  route: Router<P>,
): Promise<JsonObject | undefined> {
  const found = route(uri);
  if (found?.kind !== "resource") {
    return visit.elsewhere?.(uri, visit);
  }
  const other: Visit<P> = { ...visit, params: found.params, uri: found.uri };
  const isThere = found.resource.has?.(other) !== false;
  return isThere && mayRead(found.resource, other) ? represent(found.resource, other) : undefined;
}
