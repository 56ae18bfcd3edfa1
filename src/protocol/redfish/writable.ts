/** Validates a PATCH against the writable properties of a resource (DSP0266 "PATCH (update)"). */
import { type Check, type Finding, shownValue } from "./checks.js";
import { isJsonObject, type Json, type JsonObject, member } from "./json.js";
import { message, type MessageName } from "./messages.js";

/** Property → the type of its values; nested like the resource. */
export interface Writable {
  readonly [property: string]: Check | Writable;
}

export interface Assessment {
  /** The valid and writable part, nested like the resource. */
  readonly changes: JsonObject;
  /** Properties that are unknown or read-only: the rest may still be applied. */
  readonly ignored: readonly JsonObject[];
  /** Invalid values: nothing may be applied. */
  readonly invalid: readonly JsonObject[];
}

/** @param present the current representation: properties in it that are not writable are read-only, not unknown */
export function assess(body: JsonObject, writable: Writable, present: JsonObject, path = "#"): Assessment {
  const changes: [string, Json][] = [];
  const ignored: JsonObject[] = [];
  const invalid: JsonObject[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (name.includes("@") || value === undefined) {
      continue;
    }
    const pointer = `${path}/${name}`;
    const rule = Object.hasOwn(writable, name) ? writable[name] : undefined;
    if (rule === undefined) {
      const isKnown = member(present, name) !== undefined;
      ignored.push(message(isKnown ? "PropertyNotWritable" : "PropertyUnknown", [name], { related: [pointer] }));
    } else if (!isCheck(rule)) {
      const inner = assessNested(name, value, rule, present, pointer);
      ignored.push(...inner.ignored);
      invalid.push(...inner.invalid);
      if (Object.keys(inner.changes).length > 0) {
        changes.push([name, inner.changes]);
      }
    } else {
      const finding = rule.examine(value);
      if (finding) {
        invalid.push(propertyMessage(finding, name, value, rule, pointer));
      } else {
        changes.push([name, value]);
      }
    }
  }
  return { changes: Object.fromEntries(changes), ignored, invalid };
}

function assessNested(name: string, value: Json, rule: Writable, present: JsonObject, pointer: string): Assessment {
  if (!isJsonObject(value)) {
    const error = message("PropertyValueTypeError", [shownValue(value, {}), name], { related: [pointer] });
    return { changes: {}, ignored: [], invalid: [error] };
  }
  const inner = member(present, name);
  return assess(value, rule, isJsonObject(inner) ? inner : {}, pointer);
}

export function isCheck(rule: Check | Writable): rule is Check {
  return rule["kind"] === "check";
}

const names: Readonly<Record<Finding, readonly [property: MessageName, parameter: MessageName]>> = {
  type: ["PropertyValueTypeError", "ActionParameterValueTypeError"],
  format: ["PropertyValueFormatError", "ActionParameterValueFormatError"],
  list: ["PropertyValueNotInList", "ActionParameterValueNotInList"],
  range: ["PropertyValueOutOfRange", "ActionParameterValueOutOfRange"],
};

export function propertyMessage(finding: Finding, name: string, value: Json, rule: Check, pointer: string): JsonObject {
  return message(names[finding][0], [rule.isSecret ? hidden : shownValue(value, rule), name], { related: [pointer] });
}

export function parameterMessage(finding: Finding, name: string, value: Json, rule: Check, action: string): JsonObject {
  const args = [rule.isSecret ? hidden : shownValue(value, rule), name, action];
  return message(names[finding][1], args, { related: [`#/${name}`] });
}

const hidden = "******";
