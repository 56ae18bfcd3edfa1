/** One BMC as described by its file. */
import * as v from "valibot";

import type { IniSection } from "../ini/iniFile.js";
import { type BmcKey, bmcKeys, keyOrder, type StoredBmc, type StoredKey } from "./bmcKeys.js";
import { StoreError } from "./storeError.js";

export type { StoredBmc } from "./bmcKeys.js";

/** The only section of a BMC's file. */
export const sectionName = "VirtualBMC";

/** Defaults of keys that may be missing. */
const defaults: Readonly<Partial<Record<StoredKey, unknown>>> = { address: "::", active: false };

/**
 * Parses the keys of a file.
 * @throws StoreError (broken) naming the first key that is missing or invalid
 */
export function toStoredBmc(name: string, values: IniSection): StoredBmc {
  const fields = keyOrder.flatMap((key): [string, unknown][] => {
    const value = read(key, values) ?? (key === "vm_name" ? name : defaults[key]);
    if (value !== undefined) {
      return [[bmcKeys[key].field, value]];
    }
    if (bmcKeys[key].presence === "required") {
      throw new StoreError("broken", `${key} is missing`);
    }
    return [];
  });
  const bmc = { name, ...Object.fromEntries(fields), values } as StoredBmc;
  if ((bmc.viserverUsername === undefined) !== (bmc.viserverPassword === undefined)) {
    throw new StoreError("broken", "set both viserver_username and viserver_password, or neither");
  }
  return bmc;
}

/** Empty is absent, except for the password; so is a flag that is not set, except for `active`. */
function read(key: StoredKey, values: IniSection): unknown {
  const { schema, type }: BmcKey = bmcKeys[key];
  const text = values.get(key);
  if (text === undefined || (text === "" && key !== "password")) {
    return undefined;
  }
  const result = v.safeParse(schema, text);
  if (!result.success) {
    throw new StoreError("broken", `${key} ${result.issues[0].message}`);
  }
  return type === "boolean" && result.output === false ? undefined : result.output;
}
