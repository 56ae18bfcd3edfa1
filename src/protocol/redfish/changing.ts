/** PATCH, DELETE, and POST to a collection. `onChange` gets a description of each change before it is made. */
import { mayChange, mayWrite, requireAccess } from "./access.js";
import type { ActingOptions } from "./acting.js";
import { checkCreation } from "./actions.js";
import { checksOf, wordsOf } from "./changeWords.js";
import type { RedfishRequest, RedfishResponse } from "./exchange.js";
import { resultOrTask } from "./longWork.js";
import { message } from "./messages.js";
import { checkIfMatch } from "./preconditions.js";
import { RedfishError } from "./redfishError.js";
import { represent } from "./representation.js";
import { readBody } from "./requestBody.js";
import type { CommonParts, Resource, Visit } from "./resource.js";
import type { Router } from "./router.js";
import { describedBy, schemaName } from "./schemaFile.js";
import { assess, type Assessment } from "./writable.js";

export type OnChange = (words: string) => void;

export async function patch<P extends CommonParts>(
  resource: Resource<P>,
  request: RedfishRequest,
  visit: Visit<P>,
  onChange: OnChange,
  { taskAfterMs, toFailure }: ActingOptions,
): Promise<RedfishResponse> {
  const { writable = {}, longWrite } = resource;
  const body = readBody(request);
  const properties = Object.keys(body).filter((name) => !name.includes("@"));
  requireAccess(mayWrite(resource, visit, properties));
  const present = await represent(resource, visit);
  checkIfMatch(request.headers, present.etag);
  const assessment = assess(body, writable, present.body);
  requireSomething(assessment);
  onChange(`${schemaName(resource.type).namespace} ${wordsOf(assessment.changes, writable)}`);
  const work = writeAll(resource, assessment, visit);
  if (!longWrite) {
    return work;
  }
  const { percentComplete } = longWrite;
  return resultOrTask(request, visit, {
    name: schemaName(resource.type).namespace,
    result: work.catch(toFailure),
    timeoutMs: longWrite.taskAfterMs ?? taskAfterMs,
    percentComplete: percentComplete && (() => percentComplete(visit)),
  });
}

/** Gives the resource as it is then. */
async function writeAll<P extends CommonParts>(
  resource: Resource<P>,
  { changes, ignored }: Assessment,
  visit: Visit<P>,
): Promise<RedfishResponse> {
  await resource.write?.(changes, visit);
  const after = await represent(resource, visit);
  return {
    status: 200,
    headers: { ETag: after.etag, ...describedBy(resource.type) },
    body: { ...after.body, ...(ignored.length > 0 && { "@Message.ExtendedInfo": ignored }) },
  };
}

/** Throws 400 unless all known properties are valid and there is at least one. */
function requireSomething({ changes, ignored, invalid }: Assessment): void {
  const isNothing = Object.keys(changes).length === 0;
  const [first, ...others] = [...invalid, ...ignored];
  if (first && (invalid.length > 0 || isNothing)) {
    throw new RedfishError(400, [first, ...others]);
  }
  if (isNothing) {
    throw new RedfishError(400, [message("NoOperation")]);
  }
}

export async function create<P extends object>(
  resource: Resource<P>,
  request: RedfishRequest,
  visit: Visit<P>,
  route: Router<P>,
  onChange: OnChange,
): Promise<RedfishResponse> {
  const { isPublic = false, properties = {}, run } = resource.members?.create ?? {};
  requireAccess(isPublic || mayChange(resource, visit));
  const given = checkCreation(readBody(request), properties);
  if (!isPublic) {
    onChange(
      `new ${schemaName(resource.type).namespace.replace(/Collection$/, "")} ${wordsOf(given, checksOf(properties))}`,
    );
  }
  const made = await run?.(given, visit);
  const found = route(made?.uri ?? "");
  if (!made || found?.kind !== "resource") {
    throw new Error(`${resource.uri} has created a resource at an unknown URI`);
  }
  const {
    params,
    uri,
    resource: { type },
  } = found;
  const principal = made.principal ?? visit.principal;
  const { body, etag } = await represent(found.resource, { ...visit, params, uri, principal });
  const headers = { Location: uri, ETag: etag, ...describedBy(type) };
  return { status: 201, headers: { ...headers, ...made.headers }, body };
}

export async function remove<P extends object>(
  resource: Resource<P>,
  request: RedfishRequest,
  visit: Visit<P>,
  onChange: OnChange,
): Promise<RedfishResponse> {
  requireAccess(mayChange(resource, visit));
  if (request.headers["if-match"] !== undefined) {
    checkIfMatch(request.headers, (await represent(resource, visit)).etag);
  }
  onChange(`delete ${schemaName(resource.type).namespace} ${visit.uri.slice(visit.uri.lastIndexOf("/") + 1)}`);
  await resource.remove?.(visit);
  return { status: 204, headers: {} };
}
