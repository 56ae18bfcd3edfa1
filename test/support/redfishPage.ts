/** docs/redfish.md with its tables as the table of resources makes them. */
import { readFileSync } from "node:fs";

import { entities, roleNames, roles } from "../../src/protocol/redfish/privileges.js";
import { methodsOf } from "../../src/protocol/redfish/representation.js";
import type { Resource } from "../../src/protocol/redfish/resource.js";
import { resources } from "../../src/protocol/redfish/resources/index.js";
import { schemaName } from "../../src/protocol/redfish/schemaFile.js";
import { isCheck, type Writable } from "../../src/protocol/redfish/writable.js";
import { markdownTable } from "./markdownTable.js";
import { inRepository } from "./repository.js";

export const redfishPageFile = inRepository("docs/redfish.md");

const root = "/redfish/v1";

/** Heading → the table that is the first one below it. */
function tables(): ReadonlyMap<string, string> {
  return new Map([
    ["## Resources", resourceTable()],
    ["## What can be written", writableTable()],
    ["## Actions", actionTable()],
  ]);
}

function resourceTable(): string {
  const rows = resources.map((resource) => [
    code(resource.uri.slice(root.length) || "/"),
    schemaName(resource.type).versioned.replaceAll("_", "."),
    methodsOf(resource)
      .filter((method) => method !== "HEAD")
      .join(", "),
    methodsOf(resource).length > 2 || resource.actions ? changers(resource) : "",
  ]);
  return markdownTable(["URI below `/redfish/v1`", "schema", "methods", "changed by"], rows);
}

function changers({ entity }: Resource): string {
  const any: readonly string[] = entities[entity].change;
  return roleNames
    .filter((role) => roles[role].some((privilege) => privilege !== "ConfigureSelf" && any.includes(privilege)))
    .join(", ");
}

function writableTable(): string {
  const rows = resources.flatMap(({ uri, writable = {} }) =>
    leaves(writable).map(([name, values]) => [code(uri.slice(root.length)), code(name), values]),
  );
  return markdownTable(["URI", "property", "values"], rows);
}

function leaves(writable: Writable, prefix = ""): [string, string][] {
  return Object.entries(writable).flatMap(([name, rule]): [string, string][] => {
    if (!isCheck(rule)) {
      return leaves(rule, `${prefix}${name}/`);
    }
    const { allowable, dataType, minimum, maximum } = rule;
    const range = minimum === undefined || maximum === undefined ? dataType.toLowerCase() : `${minimum} to ${maximum}`;
    return [[prefix + name, allowable?.join(", ") ?? range]];
  });
}

function actionTable(): string {
  const rows = resources.flatMap(({ uri, actions = {} }) =>
    Object.entries(actions).map(([name, { parameters }]) => [
      code(`${uri.slice(root.length)}/Actions/${name}`),
      Object.entries(parameters)
        .map(([parameter, { check, isRequired }]) => {
          const values = check.allowable?.join(", ") ?? check.dataType.toLowerCase();
          return `${code(parameter)}${isRequired ? "" : " (optional)"}: ${values}`;
        })
        .join("; "),
    ]),
  );
  return markdownTable(["URI", "parameters"], rows);
}

function code(text: string): string {
  return `\`${text}\``;
}

export function redfishPage(): string {
  return [...tables()].reduce(
    (page, [heading, table]) => {
      const start = page.indexOf(`\n${heading}\n`);
      const [found] = /^\|.*\n(?:\|.*\n)*/m.exec(page.slice(start)) ?? [];
      if (start < 0 || found === undefined) {
        throw new Error(`docs/redfish.md has no table below ${heading}`);
      }
      return page.slice(0, start) + page.slice(start).replace(found, () => table);
    },
    readFileSync(redfishPageFile, "utf8"),
  );
}
