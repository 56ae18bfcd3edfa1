/** Bodies against DMTF's own schemas (DSP8010), of which test/protocol/redfish/schemas has those of our resources. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { Ajv, type ValidateFunction } from "ajv";

import { type JsonObject, textOf } from "../../src/protocol/redfish/json.js";
import { inRepository } from "./repository.js";

const folder = inRepository("test/protocol/redfish/schemas");
const base = "http://redfish.dmtf.org/schemas/v1/";
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  validateSchema: false,
  formats: {
    "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
    "uri-reference": /^[^\s<>"{}|\\^`]*$/,
    uri: /^[a-z][a-z0-9+.-]*:[^\s]*$/i,
  },
});
const validators = new Map<string, ValidateFunction>();

addSchemas();

/** What is wrong with a resource; empty: nothing. Throws when the folder has no schema of its type. */
export function schemaErrors(resource: JsonObject): string[] {
  const type = textOf(resource["@odata.type"]);
  const [, name] = /^#(.+)\.\w+$/.exec(type) ?? [];
  if (name === undefined || !existsSync(path.join(folder, `${name}.json`))) {
    throw new Error(`no schema of "${type}" in test/protocol/redfish/schemas: run scripts/redfishSchemas.ts`);
  }
  const validate = validators.get(name) ?? ajv.compile({ $ref: `${base}${name}.json` });
  validators.set(name, validate);
  validate(resource);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ""} ${JSON.stringify(params)}`,
  );
}

export function registry(name: string): { readonly Messages: Readonly<Record<string, JsonObject>> } & JsonObject {
  return JSON.parse(readFileSync(path.join(folder, "registries", `${name}.json`), "utf8")) as ReturnType<
    typeof registry
  >;
}

function addSchemas(): void {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  const texts = new Map(files.map((file) => [file, readFileSync(path.join(folder, file), "utf8")]));
  for (const [file, text] of texts) {
    const schema = JSON.parse(text) as Record<string, unknown>;
    delete schema["$schema"];
    delete schema["$id"];
    ajv.addSchema(schema, `${base}${file}`);
  }
  // The unversioned files refer to every version ever published; what is not here is not judged.
  for (const [uri, names] of missingDefinitions([...texts.values()], files)) {
    const definitions = Object.fromEntries([...names].map((name) => [name, true]));
    ajv.addSchema({ definitions }, uri);
  }
}

function missingDefinitions(texts: readonly string[], files: readonly string[]): Map<string, Set<string>> {
  const missing = new Map<string, Set<string>>();
  for (const text of texts) {
    for (const [, uri = "", name = ""] of text.matchAll(/"(http:\/\/[^"#]+\.json)#\/definitions\/(\w+)"/g)) {
      if (!files.includes(path.posix.basename(uri)) || !uri.startsWith(base)) {
        missing.set(uri, (missing.get(uri) ?? new Set()).add(name));
      }
    }
  }
  return missing;
}
