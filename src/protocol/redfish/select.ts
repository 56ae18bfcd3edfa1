/** `$select` (DSP0266 "The $select query parameter"): selects parts of a resource; arrays are transparent. */
import { isJsonArray, isJsonObject, type Json, type JsonObject, objectOf } from "./json.js";

type Path = readonly string[];

/** Always included. */
const alwaysKept: readonly string[] = ["@odata.id", "@odata.type", "@odata.context", "@odata.etag"];

export function select(resource: JsonObject, paths: readonly Path[]): JsonObject {
  return objectOf(
    Object.entries(resource).flatMap(([name, value]): [string, Json][] => {
      if (value === undefined) {
        return [];
      }
      if (alwaysKept.includes(name) || paths.some(([first, ...rest]) => first === name && rest.length === 0)) {
        return [[name, value]];
      }
      const inner = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
      return inner.length === 0 ? [] : [[name, selectWithin(value, inner)]];
    }),
  );
}

function selectWithin(value: Json, paths: readonly Path[]): Json {
  if (isJsonArray(value)) {
    return value.map((item) => selectWithin(item, paths));
  }
  return isJsonObject(value) ? select(value, paths) : value;
}

/** Pages of a collection: the count remains that of all members. */
export function page<T>(
  items: readonly T[],
  { skip = 0, top }: { readonly skip?: number; readonly top?: number },
): readonly T[] {
  return items.slice(skip, top === undefined ? undefined : skip + top);
}
