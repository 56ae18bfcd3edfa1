/** The table of the properties of one thing. */
import type { Cell, ControlResponse } from "../../control/messages.js";

/** The table of one thing: a row for each property that it has. */
export function properties(entries: readonly (readonly [name: string, value: Cell | undefined])[]): ControlResponse {
  const rows = entries.flatMap(([name, value]): Cell[][] => (value === undefined ? [] : [[name, value]]));
  return { rc: 0, header: ["Property", "Value"], rows };
}
