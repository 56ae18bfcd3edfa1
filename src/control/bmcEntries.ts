/** The fields of requests that describe a BMC, derived from the table of its keys. */
import * as v from "valibot";

import { type BmcKey, bmcKeys, type KeyOf, keyOrder, type StoredKey } from "../settings/store/bmcKeys.js";

const types = { text: v.string(), integer: v.pipe(v.number(), v.integer()), boolean: v.boolean() } as const;

type EntryOf<K extends StoredKey> = (typeof types)[(typeof bmcKeys)[K]["type"]];
type Optional<K extends StoredKey> = v.OptionalSchema<EntryOf<K>, undefined>;
type Removable<K extends StoredKey> = v.OptionalSchema<v.NullableSchema<EntryOf<K>, undefined>, undefined>;
type Nullable<K extends StoredKey> = v.OptionalSchema<v.NullableSchema<EntryOf<K>, undefined>, null>;

type Own = Exclude<KeyOf<"optional">, "active">;
type Flag = "viserver_insecure";

/** For `add`: what the original sends, and what is sent only if given. */
export const addEntries = entries((key, entry) => {
  const { presence } = bmcKeys[key];
  if (presence === "required") {
    return entry;
  }
  return presence === "nullable" ? v.optional(v.nullable(entry), null) : v.optional(entry);
}) as unknown as { readonly [K in KeyOf<"required">]: EntryOf<K> } & {
  readonly [K in KeyOf<"nullable">]: Nullable<K>;
} & { readonly [K in Own]: Optional<K> };

/** For `set`: absent fields stay unchanged, null removes an optional value. */
export const setEntries = entries((key, entry) => {
  const isRemovable = bmcKeys[key].presence !== "required" && bmcKeys[key].type !== "boolean";
  return isRemovable ? v.optional(v.nullable(entry)) : v.optional(entry);
}) as unknown as { readonly [K in KeyOf<"required"> | Flag]: Optional<K> } & {
  readonly [K in KeyOf<"nullable"> | Exclude<Own, Flag>]: Removable<K>;
};

/** For one BMC of `import`: without a port it gets the next free one. */
export const importEntries = entries((key, entry) =>
  bmcKeys[key].presence === "required" && key !== "port" ? entry : v.optional(entry),
) as unknown as { readonly [K in Exclude<KeyOf<"required">, "port">]: EntryOf<K> } & {
  readonly [K in KeyOf<"nullable"> | Own | "port"]: Optional<K>;
};

function entries(
  toEntry: (key: StoredKey, entry: v.GenericSchema) => v.GenericSchema,
): Readonly<Record<string, v.GenericSchema>> {
  const keys = keyOrder.filter((key) => key !== "active");
  return Object.fromEntries(keys.map((key) => [key, toEntry(key, types[(bmcKeys[key] as BmcKey).type])]));
}
