/** JSON as in Redfish bodies; a member that is undefined is absent. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** Deeper bodies are rejected: no resource needs them, and recursion stays bounded. */
export const maxDepth = 16;

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The object's own member: names such as `constructor` are ordinary data. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** An object with names that a client may have chosen: `__proto__` becomes a member, not the prototype. */
export function objectOf(entries: Iterable<readonly [string, Json | undefined]>): JsonObject {
  return Object.fromEntries(entries);
}

/** Such as `{"@odata.id": "/redfish/v1/Systems/1"}`. */
export function link(uri: string): JsonObject {
  return { "@odata.id": uri };
}

/** undefined for invalid JSON, or for too many levels. */
export function parseJson(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isWithinDepth(value, maxDepth) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isWithinDepth(value: Json | undefined, levels: number): boolean {
  if (typeof value !== "object" || value === null) {
    return true;
  }
  return levels > 0 && Object.values(value).every((inner: Json | undefined) => isWithinDepth(inner, levels - 1));
}

/** A member that is a text; empty for anything else. */
export function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
