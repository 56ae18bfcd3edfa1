/** Draws a table in ASCII boxes, like prettytable. */
import Table from "cli-table3";
import stringWidth from "string-width";

import { colourCell, colourHeader } from "./colours.js";
import type { FormatOptions } from "./options.js";
import type { Table as Rows } from "./table.js";
import { wrapText } from "./wrapText.js";

const lines = {
  top: "-",
  "top-mid": "+",
  "top-left": "+",
  "top-right": "+",
  bottom: "-",
  "bottom-mid": "+",
  "bottom-left": "+",
  "bottom-right": "+",
  left: "|",
  "left-mid": "+",
  mid: "-",
  "mid-mid": "+",
  right: "|",
  "right-mid": "+",
  middle: "|",
};

/** Minimum width of a column, characters. */
const narrowestColumn = 8;
const padding = 2;

export interface Display {
  /** Columns of the terminal, or undefined. */
  readonly terminalWidth: number | undefined;
  readonly isColoured: boolean;
}

export function renderBoxes({ header, rows }: Rows, options: FormatOptions, display: Display): string {
  if (rows.length === 0 && options.printEmpty !== true) {
    return "\n";
  }
  const texts = rows.map((row) => row.map((cell) => String(cell ?? "None")));
  const natural = naturalWidths(header, texts);
  const widest = options.maxWidth > 0 ? options.maxWidth : options.fitWidth === true ? (display.terminalWidth ?? 0) : 0;
  const widths = widest > 0 ? fitColumns(natural, widest) : natural;
  const table = new Table({
    head: display.isColoured ? header.map(colourHeader) : [...header],
    chars: lines,
    // The first row determines which columns are numeric.
    colAligns: header.map((_, index) => (typeof rows[0]?.[index] === "number" ? "right" : "left")),
    style: { head: [], border: [], compact: true, "padding-left": 1, "padding-right": 1 },
    colWidths: widths.map((width) => width + padding),
  });
  const cell = (text: string, index: number): string => {
    const shown = wrapped(text, widths[index] ?? 0);
    return display.isColoured ? colourCell(header[index] ?? "", shown) : shown;
  };
  table.push(...texts.map((row) => row.map(cell)));
  if (rows.length === 0) {
    // cli-table3 draws no header without a row.
    table.push(header.map(() => ""));
    return `${withoutRow(table.toString())}\n`;
  }
  return `${table.toString()}\n`;
}

function withoutRow(drawn: string): string {
  const [top = "", head = "", rule = ""] = drawn.split("\n");
  return [top, head, rule, top].join("\n");
}

function wrapped(text: string, width: number): string {
  return stringWidth(text) > width ? wrapText(text, width).join("\n") : text;
}

function naturalWidths(header: readonly string[], rows: readonly (readonly string[])[]): number[] {
  return header.map((name, index) => Math.max(stringWidth(name), ...rows.map((row) => stringWidth(row[index] ?? ""))));
}

/** Shrinks columns that are wider than an equal share, like cliff. */
function fitColumns(widths: readonly number[], maxWidth: number): number[] {
  const usable = Math.max(0, maxWidth - 3 * widths.length - 1);
  const share = Math.floor(usable / widths.length);
  const wide = widths.filter((width) => width > share);
  if (wide.length === 0 || widths.reduce((sum, width) => sum + width, 0) <= usable) {
    return [...widths];
  }
  let left = usable - widths.filter((width) => width <= share).reduce((sum, width) => sum + width, 0);
  const each = Math.floor(left / wide.length);
  let seen = 0;
  return widths.map((width) => {
    if (width <= share) {
      return width;
    }
    const given = ++seen === wide.length ? left : each;
    left -= each;
    return Math.min(width, Math.max(narrowestColumn, given));
  });
}
