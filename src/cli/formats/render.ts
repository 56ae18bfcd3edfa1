/** Renders a daemon's answer in the requested format; formats are loaded on demand. */
import type { ControlResponse } from "../../control/messages.js";
import type { CliContext } from "../context.js";
import type { FormatOptions } from "./options.js";
import { byCodePoints, chooseColumns, sortRows, type Table } from "./table.js";

/**
 * `isSorted`: the rows are already in order; `isWide`: the table contains sentences, and is fitted to the terminal unless
 * a width was requested.
 */
export async function renderTable(
  { header = [], rows = [] }: Pick<ControlResponse, "header" | "rows">,
  options: FormatOptions,
  { terminalWidth, isColoured }: CliContext,
  { isSorted = false, isWide = false } = {},
): Promise<string> {
  const byFirst = (a: Table["rows"][number], b: Table["rows"][number]): number =>
    byCodePoints(String(a[0] ?? ""), String(b[0] ?? ""));
  const ordered: Table = { header, rows: isSorted ? rows : [...rows].sort(byFirst) };
  const table = chooseColumns(sortRows(ordered, options), options.column);
  switch (options.format) {
    case "table": {
      const { renderBoxes } = await import("./boxes.js");
      const fitted = isWide && options.maxWidth === 0 ? { ...options, fitWidth: true } : options;
      return renderBoxes(table, fitted, { terminalWidth, isColoured });
    }
    case "json":
      return (await import("./json.js")).renderJson(table, options);
    case "csv":
      return (await import("./csv.js")).renderCsv(table, options);
    case "yaml":
      return (await import("./yaml.js")).renderYaml(table);
    case "value":
      return table.rows.map((row) => `${row.map((cell) => String(cell ?? "None")).join(" ")}\n`).join("");
  }
}
