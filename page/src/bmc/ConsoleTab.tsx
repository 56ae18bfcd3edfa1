import type { BmcRow } from "../state/fleet.js";

export function ConsoleTab({ row }: { row: BmcRow }) {
  return <p>{row.console ?? "No console is configured for this BMC."}</p>;
}
