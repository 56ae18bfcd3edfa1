/** The representation of a resource: its own properties, and those that every resource has. */
import { defined } from "../../base/defined.js";
import type { Check } from "./checks.js";
import { etagOf } from "./etag.js";
import { type Json, type JsonObject, link, objectOf } from "./json.js";
import { noQuery, type Query } from "./query.js";
import type { Action, Facts, Members, Resource, Visit } from "./resource.js";
import { page } from "./select.js";

export const rootUri = "/redfish/v1";

/** Methods of a resource, for `Allow`. */
export function methodsOf<P extends object>({ members, writable, remove }: Resource<P>): readonly string[] {
  return [
    "GET",
    "HEAD",
    ...(members?.create ? ["POST"] : []),
    ...(writable ? ["PATCH"] : []),
    ...(remove ? ["DELETE"] : []),
  ];
}

export interface Representation {
  /** With `@odata.etag`. */
  readonly body: JsonObject;
  readonly etag: string;
  /** The body as JSON. */
  readonly text: string;
}

/** @param facts of the resource, if they are known already */
export async function represent<P extends object>(
  resource: Resource<P>,
  visit: Visit<P>,
  query: Query = noQuery,
  facts?: Facts,
): Promise<Representation> {
  const own = await resource.read(visit, facts);
  const body: JsonObject = {
    "@odata.type": `#${resource.type}`,
    // OData requires the slash of the root (DSP0266 "Service root URI").
    "@odata.id": visit.uri === rootUri ? `${rootUri}/` : visit.uri,
    ...own,
    ...defined({ Actions: resource.actions && actionsOf(resource.actions, visit.uri) }),
    ...(resource.members && (await membersOf(resource.members, visit, query))),
  };
  const text = JSON.stringify(body);
  const etag = etagOf(body, text, resource.volatile);
  return {
    body: { ...body, "@odata.etag": etag },
    etag,
    // Serialised once, for the ETag and the body.
    text: `${text.slice(0, -1)},"@odata.etag":${JSON.stringify(etag)}}`,
  };
}

async function membersOf<P extends object>(members: Members<P>, visit: Visit<P>, query: Query): Promise<JsonObject> {
  const ids = await members.ids(visit);
  const { inline } = members;
  return {
    Members: page(ids, query).map((id) => (inline ? inline(id, visit) : link(`${visit.uri}/${id}`))),
    "Members@odata.count": ids.length,
  };
}

function actionsOf<P extends object>(actions: Readonly<Record<string, Action<P>>>, uri: string): JsonObject {
  return objectOf(
    Object.entries(actions).map(([name, { parameters }]) => [
      `#${name}`,
      {
        target: `${uri}/Actions/${name}`,
        ...(Object.keys(parameters).length > 0 && { "@Redfish.ActionInfo": actionInfoUri(uri, name) }),
        ...allowableValues(Object.entries(parameters).map(([parameter, { check }]) => [parameter, check])),
      },
    ]),
  );
}

/** `Systems/1/ResetActionInfo` for `ComputerSystem.Reset`. */
export function actionInfoUri(uri: string, action: string): string {
  return `${uri}/${action.slice(action.indexOf(".") + 1)}ActionInfo`;
}

/** The annotations that tell clients the allowable values. */
export function allowableValues(checks: readonly (readonly [string, Check])[]): JsonObject {
  return objectOf(
    checks.flatMap(([name, { allowable }]): [string, Json][] =>
      allowable ? [[`${name}@Redfish.AllowableValues`, allowable]] : [],
    ),
  );
}
