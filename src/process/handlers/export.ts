/** The reply to `vbmc export`. */
import type { Cell, ControlResponse, ExportRequest } from "../../control/messages.js";
import { importedFields } from "../../control/requests/import.js";
import { type BmcKey, bmcKeys, keyOrder, type StoredKey } from "../../settings/store/bmcKeys.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { ExportedBmcs } from "../operations/export.js";

/** `active` in its canonical form. */
const exportedKeys: readonly StoredKey[] = importedFields.filter(
  (field) => field !== "name" && field !== "other" && field !== "vm_name" && field !== "active",
);

/** A row for each BMC, from which `vbmc import` makes it again. */
export function renderExport(
  { bmcs, problems }: ExportedBmcs,
  { with_passwords: withPasswords }: ExportRequest,
): ControlResponse {
  // Columns that most do not need are there only when one needs them.
  const hasNames = bmcs.some(({ name, vmName }) => name !== vmName);
  const hasOthers = bmcs.some((bmc) => otherValues(bmc) !== null);
  const header = [...(hasNames ? ["name"] : []), "vm_name", ...exportedKeys, "active", ...(hasOthers ? ["other"] : [])];
  const rows = bmcs.map((bmc): Cell[] => [
    ...(hasNames ? [bmc.name] : []),
    ...toRow(bmc, withPasswords),
    ...(hasOthers ? [otherValues(bmc)] : []),
  ]);
  return { rc: problems.length > 0 ? 1 : 0, ...(problems.length > 0 && { msg: [...problems] }), header, rows };
}

function toRow(bmc: StoredBmc, withPasswords: boolean): Cell[] {
  const cells = exportedKeys.map((key): Cell => {
    const { type, field, isSecret }: BmcKey = bmcKeys[key];
    if (type === "integer") {
      return (bmc[field as keyof StoredBmc] ?? null) as Cell;
    }
    return isSecret === true && !withPasswords ? null : (bmc.values.get(key) ?? null);
  });
  return [bmc.vmName, ...cells, bmc.active ? "True" : "False"];
}

/** The keys that are not ours, as JSON; null where there are none. */
function otherValues({ values }: StoredBmc): string | null {
  const others = [...values].filter(([key]) => !(keyOrder as readonly string[]).includes(key));
  return others.length === 0 ? null : JSON.stringify(Object.fromEntries(others));
}
