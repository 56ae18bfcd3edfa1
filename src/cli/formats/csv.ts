/** CSV in the four quoting modes of Python's csv module, lines ended by \n. */
import { stringify } from "csv-stringify/sync";

import type { Cell } from "../../control/messages.js";
import type { FormatOptions } from "./options.js";
import type { Table } from "./table.js";

const modes = {
  all: { quoted: true, quoted_empty: true },
  minimal: {},
  none: { quote: false },
  nonnumeric: { quoted_string: true, quoted_empty: true },
} as const;

export function renderCsv({ header, rows }: Table, { quote }: Pick<FormatOptions, "quote">): string {
  // cliff configures an escape character, which is escaped itself.
  const special = quote === "none" ? /[\\",]/g : /\\/g;
  const escape = (cell: Cell): string | number =>
    typeof cell === "string" ? cell.replace(special, "\\$&") : (cell ?? "");
  // An empty line would not be a record.
  const isOneColumn = header.length === 1 && quote === "minimal";
  return stringify([header, ...rows.map((row) => row.map(escape))], {
    record_delimiter: "\n",
    ...modes[quote],
    ...(isOneColumn && { quoted_empty: true }),
  });
}
