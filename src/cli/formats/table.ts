/** Selects and sorts the columns and rows of a table before it is formatted. */
import type { Cell } from "../../control/messages.js";
import { CliError } from "../context.js";
import type { FormatOptions } from "./options.js";

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Throws CliError when no named column exists; those that do not are left out, as in the original. */
export function chooseColumns({ header, rows }: Table, columns: readonly string[]): Table {
  if (columns.length === 0) {
    return { header, rows };
  }
  const kept = header.flatMap((name, index) => (columns.includes(name) ? [index] : []));
  if (kept.length === 0) {
    throw new CliError(
      `No recognized column names in ${pythonList(columns)}. Recognized columns are ${pythonList(header)}.`,
    );
  }
  const pick = <T>(values: readonly T[]): T[] => kept.flatMap((index) => values.slice(index, index + 1));
  return { header: pick(header), rows: rows.map(pick) };
}

/** Sorted by the columns named, the first the most important; unknown ones are ignored. */
export function sortRows({ header, rows }: Table, { sortColumn, sortDescending }: FormatOptions): Table {
  const keys = sortColumn.map((name) => header.indexOf(name)).filter((index) => index >= 0);
  const direction = sortDescending === true ? -1 : 1;
  const sorted = [...rows].sort((a, b) => {
    for (const key of keys) {
      const order = compareCells(a[key] ?? null, b[key] ?? null);
      if (order !== 0) {
        return order * direction;
      }
    }
    return 0;
  });
  return { header, rows: sorted };
}

/** Missing values come last. */
function compareCells(a: Cell, b: Cell): number {
  if (a === null || b === null) {
    return Number(a === null) - Number(b === null);
  }
  if (typeof a === "number" && typeof b === "number") {
    return a - b;
  }
  return byCodePoints(String(a), String(b));
}

/** Compares UTF-8 bytes, which order by code point; JavaScript's comparison does not. */
export function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function pythonList(names: readonly string[]): string {
  return `[${names.map((name) => (name.includes("'") ? `"${name}"` : `'${name}'`)).join(", ")}]`;
}
