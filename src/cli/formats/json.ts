/** JSON as Python writes it: ASCII only, indent 2. */
import type { FormatOptions } from "./options.js";
import type { Table } from "./table.js";

export function renderJson({ header, rows }: Table, { noindent }: Pick<FormatOptions, "noindent">): string {
  const objects = rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? null])));
  const text = noindent === true ? onOneLine(objects) : JSON.stringify(objects, null, 2);
  return `${text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;
}

/** One line, with a space after each comma and colon. */
function onOneLine(objects: readonly Record<string, unknown>[]): string {
  const items = objects.map((object) => {
    const fields = Object.entries(object).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
    return `{${fields.join(", ")}}`;
  });
  return `[${items.join(", ")}]`;
}
