import type { Cell, ControlResponse, ShowRequest } from "../../control/messages.js";
import type { MediaSlot } from "../../model/machine/media.js";
import { questionText } from "../../model/machine/questionText.js";
import { type BmcKey, bmcKeys, keyOrder, type StoredKey } from "../../settings/store/bmcKeys.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { StoreEntry } from "../../settings/store/storeReader.js";
import type { LinkState, MachineReport } from "../ipc/reports.js";
import { statusOf } from "../supervisor/status.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { consoleLine, consoleUsers } from "./consoleState.js";
import { mediaText } from "./media.js";
import { notFound } from "./names.js";
import { redfishUrl } from "./redfishUrl.js";

/** `vbmc show NAME`: its properties and why it is in error; with --long also those that the original does not have. */
export function showBmc({ vm_name: name, long }: ShowRequest, supervisor: Supervisor): ControlResponse {
  const entry = supervisor.store.read(name);
  if (entry === undefined) {
    return { rc: 1, msg: [`Command failed: ${notFound(name, supervisor)}`] };
  }
  const properties = "bmc" in entry ? propertiesOf(entry.bmc, supervisor.config.showPasswords) : { vm_name: name };
  const { status, reason } = statusOf(name, entry, supervisor);
  const all: Record<string, Cell | undefined> = {
    ...properties,
    status,
    reason,
    ...("bmc" in entry ? redfishProperties(entry.bmc, supervisor) : {}),
    console_state: consoleLine(name, supervisor),
    console_users: consoleUsers(name, supervisor),
    question: describeQuestion(name, supervisor.reportOf(name)),
    ...mediaProperties(supervisor.mediaOf(name)),
    ...(long ? furtherProperties(name, entry, supervisor) : {}),
  };
  const rows = Object.entries(all).filter((row): row is [string, Cell] => row[1] !== undefined);
  return { rc: 0, header: ["Property", "Value"], rows };
}

/** The URL and certificate of its Redfish service; absent without one. */
function redfishProperties(bmc: StoredBmc, { redfishFingerprint }: Supervisor): Record<string, Cell | undefined> {
  const url = redfishUrl(bmc);
  return { redfish_url: url, redfish_fingerprint: url === undefined ? undefined : redfishFingerprint };
}

/** The images in the VM's drives and insertions in progress; absent for an empty drive. */
function mediaProperties(slots: readonly MediaSlot[]): Record<string, Cell | undefined> {
  return Object.fromEntries(slots.map((slot) => [`media_${slot.id}`, mediaText(slot)]));
}

/** Properties that the original does not have. */
function furtherProperties(name: string, entry: StoreEntry, supervisor: Supervisor): Record<string, Cell | undefined> {
  const running = supervisor.running.get(name);
  const { values } = "bmc" in entry ? entry.bmc : { values: new Map<string, string>() };
  return {
    ...Object.fromEntries(ownKeys.map((key) => [key, shownValue(key, values.get(key))])),
    process: running?.pid,
    running_since: running?.runningSince === undefined ? undefined : new Date(running.runningSince).toISOString(),
    vcenter: describeLink(supervisor.linkStateOf(name)),
    power: describePower(supervisor.reportOf(name)),
  };
}

/** Keys that the original does not have. */
const ownKeys = keyOrder.filter((key) => bmcKeys[key].presence === "optional" && key !== "active");

function shownValue(key: StoredKey, value: string | undefined): string | undefined {
  const { isSecret }: BmcKey = bmcKeys[key];
  return value !== undefined && isSecret === true ? "***" : value;
}

function describeLink(link: LinkState | undefined): string | undefined {
  switch (link?.state) {
    case "reconnecting":
      return `reconnecting since ${link.since}: ${link.reason}`;
    case "loginFailed":
      return `login failed: ${link.reason}; ${describeNextTry(link.nextTry)}`;
    case "connecting":
      return link.reason === undefined ? link.state : `connecting: ${link.reason}`;
    default:
      return link?.state;
  }
}

function describeNextTry(nextTry: string | undefined): string {
  return nextTry === undefined ? "no further try before it is changed, or vbmc check" : `next try at ${nextTry}`;
}

function describePower(report: MachineReport | undefined): string | undefined {
  if (report === undefined) {
    return undefined;
  }
  return report.fresh ? report.snapshot.powerState : `unknown: ${report.reason}`;
}

function describeQuestion(name: string, report: MachineReport | undefined): string | undefined {
  const question = report?.fresh === true ? report.snapshot.question : undefined;
  return question && `${questionText(question)}; answer it with vbmc answer ${name} CHOICE`;
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
