/** The reply to `vbmc import`. */
import type { Cell, ControlResponse } from "../../control/messages.js";
import type { ImportedResult } from "../operations/import.js";

/** A row for each BMC, in the order given, that says whether it was added. */
export function renderImport(results: readonly ImportedResult[]): ControlResponse {
  const rows = results.map(({ name, address, port, result, problem }): Cell[] => {
    const detail = problem ?? (result === "skipped" ? "another one failed, and the import is all or nothing" : null);
    return [name, address, port ?? null, result, detail];
  });
  return { rc: 0, header: ["VM name", "Address", "Port", "Result", "Detail"], rows };
}
