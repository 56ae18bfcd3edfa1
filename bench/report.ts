/** Rows as text for people. */
import { isMet, type Row } from "./part.js";

/** Three significant digits, and no more than it takes. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) {
    return "-";
  }
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

/** One line: `what  value unit  (floor …)  goal …  met`. */
export function formatRow(row: Row): string {
  const { what, value, unit, goal, floor, note } = row;
  const words = [`${formatNumber(value)} ${unit}`.trim().padStart(14)];
  words.push(what);
  if (floor !== undefined) {
    words.push(`| floor ${formatNumber(floor)}`);
  }
  if (goal) {
    words.push(
      `| goal ${goal.bound === "atMost" ? "≤" : "≥"} ${formatNumber(goal.value)}: ${isMet(row) ? "met" : "MISSED"}`,
    );
  }
  if (note !== undefined) {
    words.push(`(${note})`);
  }
  return words.join("  ");
}
