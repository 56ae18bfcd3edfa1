/** `vbmc export`: the BMCs with all their values. */
import type { ExportRequest } from "../../control/messages.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { notFound } from "./names.js";
import { OperationError } from "./operationError.js";

export interface ExportedBmcs {
  readonly bmcs: readonly StoredBmc[];
  /** Why others cannot be exported, one line each. */
  readonly problems: readonly string[];
}

/** `vbmc export`: the BMCs that can be read. Throws OperationError where the passwords are for others to see. */
export function exportBmcs(request: ExportRequest, supervisor: Supervisor): ExportedBmcs {
  const { store, config } = supervisor;
  // Over the plain socket every local user could read them.
  if (request.with_passwords && config.serverAuth === "none" && !config.showPasswords) {
    throw new OperationError(
      "with server_auth = none every local user could read the passwords: set show_passwords = true to allow it",
    );
  }
  const names = request.vm_names.length === 0 ? [...store.list().keys()].sort() : request.vm_names;
  const problems: string[] = [];
  const bmcs = names.flatMap((name): StoredBmc[] => {
    const entry = store.read(name);
    if (entry !== undefined && "bmc" in entry) {
      return [entry.bmc];
    }
    problems.push(entry === undefined ? notFound(name, supervisor) : entry.fault);
    return [];
  });
  return { bmcs, problems };
}
