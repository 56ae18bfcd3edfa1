/** docs/configuration.md with its tables of keys as the definitions of the keys make them. */
import { readFileSync } from "node:fs";

import { type ConfigKey, configKeys } from "../../src/settings/config/schema.js";
import { bmcKeys } from "../../src/settings/store/bmcKeys.js";
import { markdownTable } from "./markdownTable.js";
import { inRepository } from "./repository.js";

export const configurationPageFile = inRepository("docs/configuration.md");

/** Heading → the table that is the first one below it. */
function tables(): ReadonlyMap<string, string> {
  const sections = Object.entries(configKeys).map(([section, keys]): [string, string] => [
    `### [${section}]`,
    markdownTable(["key", "default", "meaning"], Object.entries<ConfigKey>(keys).map(rowOf)),
  ]);
  const bmc = Object.entries(bmcKeys).map(([key, { meaning }]) => [code(key), meaning]);
  return new Map([...sections, ["## A BMC: CONFIG_DIR/NAME/config", markdownTable(["key", "meaning"], bmc)]]);
}

function rowOf([key, { default: otherwise, without, meaning }]: [string, ConfigKey]): string[] {
  const shown = /^\d+$/.test(otherwise ?? "") ? otherwise : code(otherwise ?? "");
  return [code(key), without === undefined ? (shown ?? "") : `none: ${without}`, meaning];
}

function code(text: string): string {
  return `\`${text}\``;
}

export function configurationPage(): string {
  return [...tables()].reduce(
    (page, [heading, table]) => {
      const start = page.indexOf(`\n${heading}\n`);
      const [found] = /^\|.*\n(?:\|.*\n)*/m.exec(page.slice(start)) ?? [];
      if (start < 0 || found === undefined) {
        throw new Error(`docs/configuration.md has no table below ${heading}`);
      }
      return page.slice(0, start) + page.slice(start).replace(found, () => table);
    },
    readFileSync(configurationPageFile, "utf8"),
  );
}
