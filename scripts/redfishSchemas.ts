/**
 * Copies what tests need of DMTF's schema bundle (DSP8010) and registries (DSP8011): the schemas of the resources in our
 * table, without their prose. `node --import tsx scripts/redfishSchemas.ts FOLDER`, after adding a resource.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { resources } from "../src/protocol/redfish/resources/index.js";
import { schemaName } from "../src/protocol/redfish/schemaFile.js";

const [source] = process.argv.slice(2);
const target = path.resolve(import.meta.dirname, "../test/protocol/redfish/schemas");
/** What resources hold, rather than are. */
const parts = [
  "odata-v4",
  "Resource",
  "Resource.v1_22_1",
  "Message",
  "Message.v1_3_0",
  "PhysicalContext",
  "Event",
  "Event.v1_13_0",
];
const registries = ["Base.1.22.1", "ResourceEvent.1.4.3", "TaskEvent.1.0.5", "Redfish_1.8.0_PrivilegeRegistry"];
const prose: ReadonlySet<string> = new Set([
  ...[
    "description",
    "longDescription",
    "enumDescriptions",
    "enumLongDescriptions",
    "copyright",
    "release",
    "owningEntity",
  ],
  ...["enumVersionAdded", "enumVersionDeprecated", "enumDeprecated", "versionAdded", "versionDeprecated", "deprecated"],
]);

if (source === undefined) {
  throw new Error("say where the schemas are: node --import tsx scripts/redfishSchemas.ts FOLDER");
}
mkdirSync(path.join(target, "registries"), { recursive: true });
const types = resources.map(({ type }) => schemaName(type));
const names = new Set([...parts, ...types.flatMap(({ namespace, versioned }) => [namespace, versioned])]);
// One that is missing in the folder stays as it is: a deprecated schema may be in an older bundle only.
readdirSync(target)
  .filter((file) => file.endsWith(".json") && !names.has(path.basename(file, ".json")))
  .forEach((file) => rmSync(path.join(target, file)));
for (const name of names) {
  const file = path.join(source, `${name}.json`);
  if (existsSync(file)) {
    const schema: unknown = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(path.join(target, `${name}.json`), `${JSON.stringify(withoutProse(schema))}\n`);
  }
}
for (const name of registries) {
  copyFileSync(path.join(source, "registries", `${name}.json`), path.join(target, "registries", `${name}.json`));
}
copyFileSync(path.join(source, "LICENSE.md"), path.join(target, "LICENSE.md"));

/** A property of a resource may be called `description` too: it is an object then. */
function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).map(withoutProse);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, inner]) => !prose.has(name) || (name === "description" && typeof inner === "object"))
      .map(([name, inner]) => [name, withoutProse(inner)]),
  );
}
