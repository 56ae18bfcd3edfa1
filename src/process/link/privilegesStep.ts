/** The step of a diagnosis that checks the account's privileges on a VM. */
import { toMachineError } from "../../vsphere/faults.js";
import { licenceWithoutApi } from "../../vsphere/licence.js";
import type { MoRef } from "../../vsphere/moRef.js";
import { missingPrivileges, neededPrivileges, optionalPrivileges } from "../../vsphere/privileges.js";
import type { VimSession } from "../../vsphere/session.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { DiagnosisStep } from "../ipc/question.js";
import { stepOf } from "./diagnosisStep.js";

export interface Privileges {
  /** Missing privileges by the value of the VM's reference, or why they are unknown. */
  readonly missing: ReadonlyMap<string, readonly string[]> | { readonly unknown: string };
  /** The name of a read-only licence. */
  readonly licenceWithoutApi: string | undefined;
}

export async function readPrivileges(references: readonly MoRef[], session: VimSession): Promise<Privileges> {
  const [missing, licence] = await Promise.all([readMissing(references, session), licenceWithoutApi(session)]);
  return { missing, licenceWithoutApi: licence };
}

async function readMissing(references: readonly MoRef[], session: VimSession): Promise<Privileges["missing"]> {
  const unknown = "the server does not report the account's privileges";
  try {
    return references.length === 0 ? new Map() : ((await missingPrivileges(session, references)) ?? { unknown });
  } catch (error) {
    return { unknown: `${unknown} (${toMachineError(error).message})` };
  }
}

export function privilegesStep(
  { missing, licenceWithoutApi: licence }: Privileges,
  { value }: MoRef,
  { username, viserver }: Pick<LinkConfiguration, "username" | "viserver">,
): DiagnosisStep {
  if (licence !== undefined) {
    const effect = "power commands and boot devices are refused, and only reading works: give the host another licence";
    return stepOf(
      "privileges",
      "failed",
      `the licence of ${viserver} (${licence}) has no API for changes, so ${effect}`,
    );
  }
  const ids = "unknown" in missing ? missing : missing.get(value);
  if (!ids || "unknown" in ids) {
    return stepOf("privileges", "unknown", ids?.unknown ?? "the server reports nothing about this VM");
  }
  if (ids.length === 0) {
    return stepOf("privileges", "ok", `${username} has all privileges that a BMC needs`);
  }
  const isNeeded = (id: string): boolean => id in neededPrivileges;
  const list = ids.map((id) => `${id} (${neededPrivileges[id] ?? optionalPrivileges[id] ?? ""})`).join(", ");
  const detail = `${username} lacks ${list}: add ${ids.length === 1 ? "it" : "them"} to its role on the VM or a folder above`;
  return stepOf("privileges", ids.some(isNeeded) ? "failed" : "warning", detail);
}
