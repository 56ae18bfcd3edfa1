/** The reply to `vbmc list`. */
import type { Cell, ControlResponse, ListRequest } from "../../control/messages.js";
import { consoleWord } from "../operations/consoleState.js";
import type { ListedBmc } from "../operations/list.js";
import { mediaText } from "../operations/media.js";

/** A column, and its cell for each BMC. */
interface Column {
  readonly name: string;
  readonly cell: (listed: ListedBmc) => Cell;
  /** It is there only when one BMC has something in it. */
  readonly isSparse?: true;
}

/** Of a file that cannot be read only the name of its folder is known. */
const columns: readonly Column[] = [
  { name: "VM name", cell: ({ name, bmc }) => bmc?.vmName ?? name },
  { name: "Status", cell: ({ status }) => status },
  { name: "Address", cell: ({ bmc }) => bmc?.address ?? null },
  { name: "Port", cell: ({ bmc }) => bmc?.port ?? null },
];

const macColumn: Column = { name: "Fake MAC", cell: ({ bmc }) => bmc?.fakemac ?? null };

const longColumns: readonly Column[] = [
  // What commands call a BMC that is not called like its VM.
  { name: "BMC", cell: ({ name, bmc }) => (bmc === undefined || bmc.vmName === name ? null : name), isSparse: true },
  { name: "Redfish", cell: ({ redfishUrl }) => redfishUrl ?? null, isSparse: true },
  { name: "Media", cell: mediaCell, isSparse: true },
  { name: "Console", cell: ({ console }) => consoleWord(console) ?? null, isSparse: true },
  { name: "Power", cell: powerCell },
  { name: "vCenter", cell: ({ link }) => link?.state ?? null },
  { name: "Reason", cell: reasonCell },
];

/** A row for each BMC; the client sorts. */
export function renderList(bmcs: readonly ListedBmc[], { fakemac, long }: ListRequest): ControlResponse {
  const shown = [...columns, ...(fakemac ? [macColumn] : []), ...(long ? longColumns : [])].filter(
    ({ cell, isSparse }) => isSparse !== true || bmcs.some((listed) => cell(listed) !== null),
  );
  return {
    rc: 0,
    header: shown.map(({ name }) => name),
    rows: bmcs.map((listed) => shown.map(({ cell }) => cell(listed))),
  };
}

/** What is in its drives, or on its way there. */
function mediaCell({ media }: ListedBmc): Cell {
  const texts = media.flatMap((slot) => mediaText(slot) ?? []);
  return texts.length === 0 ? null : texts.join(", ");
}

function powerCell({ report }: ListedBmc): Cell {
  if (report === undefined) {
    return null;
  }
  return report.fresh ? report.snapshot.powerState : "unknown";
}

/** Why the BMC does not run, or nothing is known of its VM, or nothing can be kept. */
function reasonCell({ reason, report, keepingProblem }: ListedBmc): Cell {
  if (reason !== undefined) {
    return reason;
  }
  if (report !== undefined && !report.fresh) {
    return report.reason;
  }
  return report === undefined ? null : (keepingProblem ?? null);
}
