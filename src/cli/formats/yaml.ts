/** YAML with sorted keys. */
import { stringify } from "yaml";
import { byCodePoints, type Table } from "./table.js";

export function renderYaml({ header, rows }: Table): string {
  const objects = rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? null])));
  const sorted = {
    sortMapEntries: (a: { key: unknown }, b: { key: unknown }) => byCodePoints(String(a.key), String(b.key)),
  };
  return stringify(objects, { ...sorted, singleQuote: true, lineWidth: 0 });
}
