/** GET and HEAD of a resource, including query options. */
import { mayRead, requireAccess } from "./access.js";
import { complete, type CompleteResponse, jsonType, type RedfishRequest, type RedfishResponse } from "./exchange.js";
import { expand } from "./expand.js";
import { isJsonObject, type JsonObject, textOf } from "./json.js";
import type { KeptAnswers } from "./keptAnswers.js";
import { message } from "./messages.js";
import { isUnchanged } from "./preconditions.js";
import { noQuery, parseQuery, type Query } from "./query.js";
import { RedfishError } from "./redfishError.js";
import { methodsOf, represent } from "./representation.js";
import type { CommonParts, Facts, Resource, Visit } from "./resource.js";
import type { Router } from "./router.js";
import { describedBy } from "./schemaFile.js";
import { select } from "./select.js";

export interface ReadingOptions<P extends object> {
  readonly route: Router<P>;
  readonly kept: KeptAnswers;
}

/** Returns a kept response without a promise. Throws and rejects with RedfishError, or with the errors of the model. */
export function get<P extends CommonParts>(
  resource: Resource<P>,
  request: RedfishRequest,
  visit: Visit<P>,
  { route, kept }: ReadingOptions<P>,
): RedfishResponse | Promise<RedfishResponse> {
  requireAccess(mayRead(resource, visit));
  if (request.query !== "") {
    return getQueried(resource, request.query, visit, route);
  }
  const facts = resource.facts?.(visit);
  const answer = facts && kept.find(visit.uri, facts);
  return answer ? unlessUnchanged(answer, request) : getWhole(resource, request, visit, kept, facts);
}

async function getWhole<P extends CommonParts>(
  resource: Resource<P>,
  request: RedfishRequest,
  visit: Visit<P>,
  kept: KeptAnswers,
  facts: Facts | undefined,
): Promise<RedfishResponse> {
  const { etag, text } = await represent(resource, visit, noQuery, facts);
  const answer = complete({ status: 200, headers: { ...headersOf(resource), ...jsonType, ETag: etag }, body: text });
  if (facts) {
    kept.keep(visit.uri, facts, answer);
  }
  return unlessUnchanged(answer, request);
}

function unlessUnchanged(answer: CompleteResponse, request: RedfishRequest): RedfishResponse {
  const { ETag = "", Allow = "", Link = "" } = answer.headers;
  return isUnchanged(request.headers, ETag) ? { status: 304, headers: { Allow, Link, ETag } } : answer;
}

async function getQueried<P extends CommonParts>(
  resource: Resource<P>,
  text: string,
  visit: Visit<P>,
  route: Router<P>,
): Promise<RedfishResponse> {
  const query = parseQuery(text);
  const needsMembers = query.only || query.top !== undefined || query.skip !== undefined;
  if (needsMembers && !resource.members) {
    throw new RedfishError(400, [message("QueryNotSupportedOnResource")]);
  }
  const { body } = await represent(resource, visit, query);
  return { status: 200, headers: headersOf(resource), body: await shaped(body, query, visit, route) };
}

function headersOf<P extends object>(resource: Resource<P>): { readonly Allow: string; readonly Link: string } {
  return { Allow: methodsOf(resource).join(", "), ...describedBy(resource.type) };
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
  return isThere && mayRead(found.resource, other) ? (await represent(found.resource, other)).body : undefined;
}
