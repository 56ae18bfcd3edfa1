import type { Cell, ControlResponse, ShowRequest } from "../../control/messages.js";
import type { StoredBmc } from "../../store/storedBmc.js";
import { statusOf } from "../status.js";
import type { Supervisor } from "../supervisor.js";
import { notFound } from "./perName.js";

/** `vbmc show NAME`: its properties, and the reason when it is in error. */
export function showBmc({ vm_name: name }: ShowRequest, supervisor: Supervisor): ControlResponse {
  const entry = supervisor.store.read(name);
  if (entry === undefined) return { rc: 1, msg: [`Command failed: ${notFound(name)}`] };
  const { status, reason } = statusOf(name, entry, supervisor);
  const properties = "bmc" in entry ? propertiesOf(entry.bmc, supervisor.config.showPasswords) : { vm_name: name };
  const all: Record<string, Cell> = { ...properties, status, ...(reason === undefined ? {} : { reason }) };
  return { rc: 0, header: ["Property", "Value"], rows: Object.entries(all) };
}

function propertiesOf(bmc: StoredBmc, showPasswords: boolean): Record<string, Cell> {
  const secret = (value: string | undefined) => (showPasswords ? (value ?? null) : "***");
  return {
    username: bmc.username,
    password: secret(bmc.password),
    address: bmc.address,
    port: bmc.port,
    fakemac: bmc.fakemac ?? null,
    vm_name: bmc.vmName,
    vm_uuid: bmc.vmUuid ?? null,
    viserver: bmc.viserver ?? null,
    viserver_username: bmc.viserverUsername ?? null,
    viserver_password: secret(bmc.viserverPassword),
    active: bmc.values.get("active") ?? null,
  };
}
