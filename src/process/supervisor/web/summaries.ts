/** A summary of each BMC, for everyone who sees all of them: sent when it changes, several changes together. */
import { isDeepStrictEqual } from "node:util";

import { defined } from "../../../base/defined.js";
import type { BmcSummary } from "../../../model/fleet/summary.js";
import type { MediaSlot } from "../../../model/machine/media.js";
import type { RecordedEvent } from "../../events/eventBuffer.js";
import type { MachineReport } from "../../ipc/reports.js";
import type { BmcStatus } from "../status.js";

/** The inputs of a summary. */
export interface SummarisedBmc {
  readonly name: string;
  readonly status: BmcStatus;
  /** Absent for a file that cannot be read. */
  readonly stored?: {
    readonly vmName: string;
    readonly address: string;
    readonly port: number;
    readonly redfishPort?: number | undefined;
    readonly viserver?: string | undefined;
  };
  readonly report?: MachineReport | undefined;
  readonly media?: readonly MediaSlot[];
  /** Absent: none is configured. */
  readonly console?: { readonly isConnected: boolean } | undefined;
  readonly lastEvent?: RecordedEvent | undefined;
}

export interface SummaryChanges {
  readonly changed: readonly BmcSummary[];
  readonly removed: readonly string[];
}

export interface Summaries {
  /** The differences to the previous result; undefined: none. */
  readonly update: (bmcs: readonly SummarisedBmc[]) => SummaryChanges | undefined;
  readonly all: () => readonly BmcSummary[];
}

export function createSummaries(): Summaries {
  const sent = new Map<string, BmcSummary>();
  return {
    all: () => [...sent.values()],
    update: (bmcs) => {
      const latest = new Map(bmcs.map((bmc) => [bmc.name, summarise(bmc)]));
      const changed = [...latest.values()].filter((summary) => !isDeepStrictEqual(sent.get(summary.name), summary));
      const removed = [...sent.keys()].filter((name) => !latest.has(name));
      changed.forEach((summary) => sent.set(summary.name, summary));
      removed.forEach((name) => sent.delete(name));
      return changed.length > 0 || removed.length > 0 ? { changed, removed } : undefined;
    },
  };
}

const powers = { poweredOn: "On", poweredOff: "Off", suspended: "Suspended" } as const;
const healths = { green: "OK", yellow: "Warning", red: "Critical", gray: undefined } as const;

export function summarise({ name, status, stored, report, media = [], console, lastEvent }: SummarisedBmc): BmcSummary {
  const snapshot = report?.fresh === true ? report.snapshot : undefined;
  const vmFault = report?.fresh === false ? report.reason : undefined;
  return defined({
    name,
    vmName: stored?.vmName ?? name,
    address: stored?.address ?? "",
    port: stored?.port ?? 0,
    redfishPort: stored?.redfishPort,
    viserver: stored?.viserver ?? "",
    state: status.status,
    reason: status.reason ?? (status.status === "running" ? vmFault : undefined),
    power: snapshot && powers[snapshot.powerState],
    health: snapshot?.overallStatus && healths[snapshot.overallStatus],
    guestHostName: snapshot?.guestHostName,
    console: console && (console.isConnected ? ("connected" as const) : ("disconnected" as const)),
    media: media.flatMap((slot) => imageIn(slot) ?? []),
    lastEvent: lastEvent && { at: new Date(lastEvent.at).toISOString(), text: eventText(lastEvent) },
  });
}

function imageIn({ isInserted, image, imageName }: MediaSlot): string | undefined {
  return isInserted || image !== undefined ? (imageName ?? image ?? "an image") : undefined;
}

function eventText({ text, user, source, times }: RecordedEvent): string {
  const who = [user, source].filter((part) => part !== undefined && part !== "").join(" from ");
  return `${text}${who === "" ? "" : ` (${who})`}${times > 1 ? ` × ${times}` : ""}`;
}
