/** Formats a stream of rows: the endless form of each format. */
import type { FormatOptions } from "./options.js";
import { chooseColumns, type Table } from "./table.js";

/** `isFirst`: also writes the header, if the format has one. */
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
