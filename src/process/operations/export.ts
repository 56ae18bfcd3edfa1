import { importedFields } from "../../control/importMessages.js";
import type { Cell, ControlResponse, ExportRequest } from "../../control/messages.js";
import { type BmcKey, bmcKeys, keyOrder, type StoredKey } from "../../settings/store/bmcKeys.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { notFound } from "./names.js";

/** `active` in its canonical form. */
const exportedKeys: readonly StoredKey[] = importedFields.filter(
  (field) => field !== "name" && field !== "other" && field !== "vm_name" && field !== "active",
);

/** `vbmc export`: a row for each readable BMC, as input for `vbmc import`. */
export function exportBmcs(request: ExportRequest, supervisor: Supervisor): ControlResponse {
  const { store, config } = supervisor;
  // Over the plain socket every local user could read them.
  if (request.with_passwords && config.serverAuth === "none" && !config.showPasswords) {
    const text =
      "with server_auth = none every local user could read the passwords: set show_passwords = true to allow it";
    return { rc: 1, msg: [text] };
  }
  const names = request.vm_names.length === 0 ? [...store.list().keys()].sort() : request.vm_names;
  const faults: string[] = [];
  const bmcs = names.flatMap((name): StoredBmc[] => {
    const entry = store.read(name);
    if (entry !== undefined && "bmc" in entry) {
      return [entry.bmc];
    }
    faults.push(entry === undefined ? notFound(name, supervisor) : entry.fault);
    return [];
  });
  // Columns that few BMCs need are included only if one needs them.
  const hasNames = bmcs.some(({ name, vmName }) => name !== vmName);
  const hasOthers = bmcs.some((bmc) => otherValues(bmc) !== null);
  const header = [...(hasNames ? ["name"] : []), "vm_name", ...exportedKeys, "active", ...(hasOthers ? ["other"] : [])];
  const rows = bmcs.map((bmc): Cell[] => [
    ...(hasNames ? [bmc.name] : []),
    ...toRow(bmc, request.with_passwords),
    ...(hasOthers ? [otherValues(bmc)] : []),
  ]);
  return { rc: faults.length > 0 ? 1 : 0, ...(faults.length > 0 && { msg: faults }), header, rows };
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

/** Unknown keys, as JSON; null if there are none. */
function otherValues({ values }: StoredBmc): string | null {
  const others = [...values].filter(([key]) => !(keyOrder as readonly string[]).includes(key));
  return others.length === 0 ? null : JSON.stringify(Object.fromEntries(others));
}
