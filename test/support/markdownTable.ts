/** A Markdown table as Prettier aligns it. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], filler: string): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, filler)).join(" | ")} |\n`;
  const rule = line(
    header.map(() => ""),
    "-",
  );
  return [line(header, " "), rule, ...rows.map((row) => line(row, " "))].join("");
}
