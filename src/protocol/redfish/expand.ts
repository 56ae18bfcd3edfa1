/** `$expand` (DSP0266 "The $expand query parameter"): replaces links by the linked resources. */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "./json.js";
import type { Expansion } from "./query.js";

/** A resource by its URI; undefined if it does not exist or the client may not read it: the link is kept then. */
export type Fetch = (uri: string) => Promise<JsonObject | undefined>;

/** Maximum resources in one response: circular links must not make it endless. */
const maxResources = 1_000;

export async function expand(resource: JsonObject, expansion: Expansion, fetch: Fetch): Promise<JsonObject> {
  let left = maxResources;

  async function ofObject(object: JsonObject, levels: number, isBehindLinks: boolean): Promise<JsonObject> {
    const entries: [string, Json | undefined][] = [];
    for (const [name, value] of Object.entries(object)) {
      const isLinks = isBehindLinks || name === "Links";
      entries.push([name, name === "Actions" ? value : await ofValue(value, levels, isLinks)]);
    }
    return Object.fromEntries(entries);
  }

  async function ofValue(value: Json | undefined, levels: number, isBehindLinks: boolean): Promise<Json | undefined> {
    if (isJsonArray(value)) {
      const items: Json[] = [];
      for (const item of value) {
        items.push((await ofValue(item, levels, isBehindLinks)) ?? null);
      }
      return items;
    }
    if (!isJsonObject(value)) {
      return value;
    }
    const uri = linkedUri(value);
    return uri === undefined ? ofObject(value, levels, isBehindLinks) : ofLink(value, uri, levels, isBehindLinks);
  }

  async function ofLink(value: JsonObject, uri: string, levels: number, isBehindLinks: boolean): Promise<JsonObject> {
    const isWanted = expansion.scope === "*" || (expansion.scope === "~") === isBehindLinks;
    const linked = isWanted && left > 0 ? await fetch(uri) : undefined;
    if (!linked) {
      return value;
    }
    left--;
    return levels > 1 ? ofObject(linked, levels - 1, false) : linked;
  }

  return ofObject(resource, expansion.levels, false);
}

/** The URI of an object that is only a link to a whole resource. */
function linkedUri(value: JsonObject): string | undefined {
  const [name, ...others] = Object.keys(value);
  const uri = value["@odata.id"];
  return name === "@odata.id" && others.length === 0 && typeof uri === "string" && !uri.includes("#") ? uri : undefined;
}
