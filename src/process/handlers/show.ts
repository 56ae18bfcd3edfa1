/** The reply to `vbmc show`. */
import type { Cell, ControlResponse, ShowRequest } from "../../control/messages.js";
import type { MediaSlot } from "../../model/machine/media.js";
import { questionText } from "../../model/machine/questionText.js";
import { type BmcKey, bmcKeys, keyOrder, type StoredKey } from "../../settings/store/bmcKeys.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { LinkState, MachineReport } from "../ipc/reports.js";
import { consoleLine, consoleUsers } from "../operations/consoleState.js";
import { mediaText } from "../operations/media.js";
import type { BmcDetails } from "../operations/show.js";
import { properties } from "./properties.js";

type Properties = Readonly<Record<string, Cell | undefined>>;

/** Its properties and why it is in error; on --long also what the original does not know. */
export function renderBmc(details: BmcDetails, { long }: ShowRequest, showPasswords: boolean): ControlResponse {
  const { name, bmc, status, reason, report } = details;
  const all: Properties = {
    ...(bmc === undefined ? { vm_name: name } : propertiesOf(bmc, showPasswords)),
    status,
    reason,
    // Absent without a Redfish service.
    redfish_url: details.redfishUrl,
    redfish_fingerprint: details.redfishFingerprint,
    console_state: consoleLine(details.console),
    console_users: consoleUsers(details.console),
    question: describeQuestion(name, report),
    ...mediaProperties(details.media),
    ...(long ? furtherProperties(details) : {}),
  };
  return properties(Object.entries(all));
}

/** What is in the VM's drives, or on its way there: absent for an empty one. */
function mediaProperties(slots: readonly MediaSlot[]): Record<string, Cell | undefined> {
  return Object.fromEntries(slots.map((slot) => [`media_${slot.id}`, mediaText(slot)]));
}

/** What the original does not know. */
function furtherProperties({ bmc, pid, runningSince, link, report }: BmcDetails): Properties {
  return {
    ...Object.fromEntries(ownKeys.map((key) => [key, shownValue(key, bmc?.values.get(key))])),
    process: pid,
    running_since: runningSince === undefined ? undefined : new Date(runningSince).toISOString(),
    vcenter: describeLink(link),
    power: describePower(report),
  };
}

/** Keys that the original does not know. */
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
