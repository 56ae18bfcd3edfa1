/** A change in words for `vbmc events`: `ResetType=On`. Passwords are omitted. */
import { type Check, shownValue } from "./checks.js";
import { isJsonObject, type JsonObject } from "./json.js";
import { isCheck, type Writable } from "./writable.js";

export function wordsOf(changes: JsonObject, rules: Writable): string {
  return Object.entries(changes)
    .flatMap(([name, value]): string[] => {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      if (rule === undefined || value === undefined) {
        return [];
      }
      if (!isCheck(rule)) {
        return isJsonObject(value) ? [wordsOf(value, rule)] : [];
      }
      return [rule.isSecret ? name : `${name}=${shownValue(value, rule)}`];
    })
    .join(", ");
}

export function checksOf(parameters: Readonly<Record<string, { readonly check: Check }>>): Writable {
  return Object.fromEntries(Object.entries(parameters).map(([name, { check }]) => [name, check]));
}
