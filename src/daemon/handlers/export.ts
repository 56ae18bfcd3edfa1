import type { Cell, ControlResponse, ExportRequest } from "../../control/messages.js";
import { importedFields } from "../../control/importMessages.js";
import type { StoredKey } from "../../store/bmcKeys.js";
import type { StoredBmc } from "../../store/storedBmc.js";
import type { Supervisor } from "../supervisor.js";
import { notFound } from "./names.js";

/** `vm_name` is the name that commands know; `active` is told as what it means. */
const exportedKeys: readonly StoredKey[] = importedFields.filter((field) => field !== "vm_name" && field !== "active");

const secretKeys: readonly string[] = ["password", "viserver_password", "kg"];

/** `vbmc export`: a row for each BMC, from which `vbmc import` makes it again. */
export function exportBmcs(request: ExportRequest, supervisor: Supervisor): ControlResponse {
  const { store, config } = supervisor;
  // Over the plain socket every local user could ask.
  if (request.with_passwords && config.serverAuth === "none" && !config.showPasswords) {
    const text =
      "with server_auth = none every local user could read the passwords: set show_passwords = true to allow it";
    return { rc: 1, msg: [text] };
  }
  const names = request.vm_names.length === 0 ? [...store.list().keys()].sort() : request.vm_names;
  const faults: string[] = [];
  const rows = names.flatMap((name): Cell[][] => {
    const entry = store.read(name);
    if (entry !== undefined && "bmc" in entry) return [toRow(entry.bmc, request.with_passwords)];
    faults.push(entry === undefined ? notFound(name, supervisor) : entry.fault);
    return [];
  });
  if (faults.length > 0) return { rc: 1, msg: faults };
  return { rc: 0, header: ["vm_name", ...exportedKeys, "active"], rows };
}

function toRow(bmc: StoredBmc, withPasswords: boolean): Cell[] {
  const cells = exportedKeys.map((key): Cell => {
    if (key === "port") return bmc.port;
    return secretKeys.includes(key) && !withPasswords ? null : (bmc.values.get(key) ?? null);
  });
  return [bmc.name, ...cells, bmc.active ? "True" : "False"];
}
