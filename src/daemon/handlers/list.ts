import type { Cell, ControlResponse, ListRequest } from "../../control/messages.js";
import type { StoreEntry } from "../../store/bmcStore.js";
import { statusOf } from "../status.js";
import type { Supervisor } from "../supervisor.js";

/** `vbmc list`: one row per BMC; the client sorts. */
export function listBmcs({ fakemac }: ListRequest, supervisor: Supervisor): ControlResponse {
  const header = ["VM name", "Status", "Address", "Port", ...(fakemac ? ["Fake MAC"] : [])];
  const rows = [...supervisor.store.list()].map(([name, entry]): Cell[] => {
    const { status } = statusOf(name, entry, supervisor);
    const [vmName, address, port, mac] = cells(name, entry);
    return [vmName, status, address, port, ...(fakemac ? [mac] : [])];
  });
  return { rc: 0, header, rows };
}

/** VM name, address, port, fake MAC: of a file that cannot be read only the name of its folder. */
function cells(name: string, entry: StoreEntry): [Cell, Cell, Cell, Cell] {
  if ("fault" in entry) return [name, null, null, null];
  const { vmName, address, port, fakemac } = entry.bmc;
  return [vmName, address, port, fakemac ?? null];
}
