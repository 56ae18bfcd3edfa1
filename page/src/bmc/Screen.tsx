/** A picture of the machine's screen, on demand. */
import type { BmcRow } from "../state/fleet.js";

export function Screen({ row }: { row: BmcRow }) {
  return row.power === "never" ? <section /> : null;
}
