/** CSV in the four quoting modes of Python's csv module, lines ended by \n. */
import { stringify } from "csv-stringify/sync";
import type { FormatOptions } from "./options.js";
import type { Table } from "./table.js";

const modes = {
  all: { quoted: true, quoted_empty: true },
  minimal: {},
  none: { quote: false },
  nonnumeric: { quoted_string: true, quoted_empty: true },
} as const;

export function renderCsv({ header, rows }: Table, { quote }: Pick<FormatOptions, "quote">): string {
  const records = [header, ...rows.map((row) => row.map((cell) => cell ?? ""))];
  return stringify(records, { record_delimiter: "\n", ...modes[quote] });
}
