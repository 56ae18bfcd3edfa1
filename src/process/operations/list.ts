import type { Cell, ControlResponse, ListRequest } from "../../control/messages.js";
import type { StoreEntry } from "../../settings/store/storeReader.js";
import { statusOf } from "../supervisor/status.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { consoleWord } from "./consoleState.js";
import { mediaText } from "./media.js";
import { redfishUrl } from "./redfishUrl.js";

/** `vbmc list`: one row per BMC; the client sorts. */
export function listBmcs({ fakemac, long }: ListRequest, supervisor: Supervisor): ControlResponse {
  const entries = [...supervisor.store.list()];
  // A column that most do not need.
  const hasRedfish = long && entries.some(([, entry]) => "bmc" in entry && entry.bmc.redfishPort !== undefined);
  const hasMedia = long && entries.some(([name]) => mediaCell(name, supervisor) !== null);
  const hasConsole = long && entries.some(([name]) => supervisor.consoles.modeOf(name) !== undefined);
  const further = [
    ...(fakemac ? ["Fake MAC"] : []),
    ...(hasRedfish ? ["Redfish"] : []),
    ...(hasMedia ? ["Media"] : []),
    ...(hasConsole ? ["Console"] : []),
    ...(long ? ["Power", "vCenter", "Reason"] : []),
  ];
  const rows = entries.map(([name, entry]): Cell[] => {
    const { status, reason } = statusOf(name, entry, supervisor);
    const [vmName, address, port, mac] = cells(name, entry);
    const machine = long ? [...machineCells(name, supervisor), reason ?? machineReason(name, supervisor)] : [];
    const redfish = hasRedfish ? ["bmc" in entry ? (redfishUrl(entry.bmc) ?? null) : null] : [];
    const media = hasMedia ? [mediaCell(name, supervisor)] : [];
    const console = hasConsole ? [consoleWord(name, supervisor) ?? null] : [];
    return [vmName, status, address, port, ...(fakemac ? [mac] : []), ...redfish, ...media, ...console, ...machine];
  });
  return { rc: 0, header: ["VM name", "Status", "Address", "Port", ...further], rows };
}

/** VM name, address, port, fake MAC; if the file is unreadable, only the name of its folder. */
function cells(name: string, entry: StoreEntry): [Cell, Cell, Cell, Cell] {
  if ("fault" in entry) {
    return [name, null, null, null];
  }
  const { vmName, address, port, fakemac } = entry.bmc;
  return [vmName, address, port, fakemac ?? null];
}

/** Power state of the VM and state of its vCenter link: only while the BMC runs. */
function machineCells(name: string, supervisor: Supervisor): [Cell, Cell] {
  const report = supervisor.reportOf(name);
  const power = report === undefined ? null : report.fresh ? report.snapshot.powerState : "unknown";
  return [power, supervisor.linkStateOf(name)?.state ?? null];
}

/** The images in its drives, and insertions in progress. */
function mediaCell(name: string, supervisor: Supervisor): Cell {
  const texts = supervisor.mediaOf(name).flatMap((slot) => mediaText(slot) ?? []);
  return texts.length === 0 ? null : texts.join(", ");
}

/** Why the VM's state is unknown although the BMC listens, or why nothing can be stored. */
function machineReason(name: string, supervisor: Supervisor): Cell {
  const report = supervisor.reportOf(name);
  if (report !== undefined && !report.fresh) {
    return report.reason;
  }
  return report === undefined ? null : (supervisor.store.keepingFault(name) ?? null);
}
