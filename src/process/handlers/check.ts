/** The reply to `vbmc check`. */
import type { Cell, ControlResponse } from "../../control/messages.js";
import type { CheckedBmc } from "../operations/check.js";

/** A row for each step of each BMC; never rc 1 for what was found. */
export function renderCheck(bmcs: readonly CheckedBmc[]): ControlResponse {
  const rows = bmcs.flatMap(({ name, steps }) =>
    steps.map(({ step, status, detail }): Cell[] => [name, step, status, detail]),
  );
  return { rc: 0, header: ["VM name", "Step", "Status", "Detail"], rows };
}
