/** Validates the body of an action or of a new resource (DSP0266 "POST (action)", "POST (create)"). */
import type { Check } from "./checks.js";
import type { JsonObject } from "./json.js";
import { member } from "./json.js";
import { message } from "./messages.js";
import { RedfishError } from "./redfishError.js";
import { parameterMessage, propertyMessage } from "./writable.js";

type Expected = Readonly<Record<string, { readonly isRequired?: true; readonly check: Check }>>;

interface Words {
  readonly unknown: (name: string) => JsonObject;
  readonly missing: (name: string) => JsonObject;
  readonly wrong: typeof propertyMessage;
}

/** Returns only the expected fields. Throws 400 that lists all problems. */
export function checkParameters(body: JsonObject, expected: Expected, action: string): JsonObject {
  return checkAgainst(body, expected, {
    unknown: (name) => message("ActionParameterUnknown", [action, name], { related: [`#/${name}`] }),
    missing: (name) => message("ActionParameterMissing", [action, name], { related: [`#/${name}`] }),
    wrong: (finding, name, value, check) => parameterMessage(finding, name, value, check, action),
  });
}

export function checkCreation(body: JsonObject, expected: Expected): JsonObject {
  return checkAgainst(body, expected, {
    unknown: (name) => message("PropertyUnknown", [name], { related: [`#/${name}`] }),
    missing: (name) => message("CreateFailedMissingReqProperties", [name], { related: [`#/${name}`] }),
    wrong: propertyMessage,
  });
}

function checkAgainst(body: JsonObject, expected: Expected, words: Words): JsonObject {
  const given = Object.keys(body).filter((name) => !name.includes("@"));
  const unknown = given.filter((name) => !Object.hasOwn(expected, name)).map(words.unknown);
  const missing = Object.keys(expected).filter((name) => expected[name]?.isRequired && !Object.hasOwn(body, name));
  const known = given.flatMap((name) => {
    const check = Object.hasOwn(expected, name) ? expected[name]?.check : undefined;
    const value = member(body, name);
    return check && value !== undefined ? [{ name, value, check }] : [];
  });
  const wrong = known.flatMap(({ name, value, check }) => {
    const finding = check.examine(value);
    return finding ? [words.wrong(finding, name, value, check, `#/${name}`)] : [];
  });
  const [first, ...others] = [...missing.map(words.missing), ...unknown, ...wrong];
  if (first) {
    throw new RedfishError(400, [first, ...others]);
  }
  return Object.fromEntries(known.map(({ name, value }) => [name, value]));
}
