/** Rows that come one after the other: each format in the form that can go on for ever. */
import type { FormatOptions } from "./options.js";
import { chooseColumns, type Table } from "./table.js";

/** `isFirst`: what heads the output, if anything does, is written too. */
export async function renderLines(
  whole: Table,
  options: FormatOptions,
  { isFirst }: { readonly isFirst: boolean },
): Promise<string> {
  const table = chooseColumns(whole, options.column);
  const { header, rows } = table;
  switch (options.format) {
    case "csv": {
      const { renderCsv } = await import("./csv.js");
      const head = renderCsv({ header, rows: [] }, options);
      return isFirst ? renderCsv(table, options) : renderCsv(table, options).slice(head.length);
    }
    case "json": {
      const objects = rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]])));
      return objects.map((object) => `${JSON.stringify(object)}\n`).join("");
    }
    case "yaml":
      return rows.length === 0 ? "" : (await import("./yaml.js")).renderYaml(table);
    default:
      return rows.map((row) => `${row.filter((cell) => cell !== "").join("  ")}\n`).join("");
  }
}
