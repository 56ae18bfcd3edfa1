/** What is known of one BMC, its VM and its account now. */
import type { MediaSlot } from "../../model/machine/media.js";
import type { StoredBmc } from "../../settings/store/storedBmc.js";
import type { StoreEntry } from "../../settings/store/storeReader.js";
import type { LinkState, MachineReport } from "../ipc/reports.js";
import { type BmcStatus, statusOf } from "../supervisor/status.js";
import type { Supervisor } from "../supervisor/supervisor.js";
import { consoleOf, type ConsoleOverview } from "./consoleState.js";
import { redfishUrl } from "./redfishUrl.js";

export interface BmcOverview extends BmcStatus {
  readonly name: string;
  /** Undefined where its file cannot be read. */
  readonly bmc: StoredBmc | undefined;
  readonly redfishUrl: string | undefined;
  /** Undefined while the BMC does not run, as are the next two. */
  readonly report: MachineReport | undefined;
  /** Of the link to its vSphere account. */
  readonly link: LinkState | undefined;
  /** Of the VM; empty: nothing is known. */
  readonly media: readonly MediaSlot[];
  /** Undefined where the BMC has none. */
  readonly console: ConsoleOverview | undefined;
}

export function overviewOf(name: string, entry: StoreEntry, supervisor: Supervisor): BmcOverview {
  const bmc = "bmc" in entry ? entry.bmc : undefined;
  return {
    ...statusOf(name, entry, supervisor),
    name,
    bmc,
    redfishUrl: bmc && redfishUrl(bmc),
    report: supervisor.reportOf(name),
    link: supervisor.linkStateOf(name),
    media: supervisor.mediaOf(name),
    console: consoleOf(name, supervisor),
  };
}
