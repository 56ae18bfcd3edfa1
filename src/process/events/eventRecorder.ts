/** Turns changes of BMCs, VMs and vCenters into events. */
import { driveTexts, type MediaSlot } from "../../model/machine/media.js";
import type { BmcActivity } from "../ipc/child.js";
import type { LinkState, MachineEvent, MachineReport } from "../ipc/reports.js";
import type { EventBuffer } from "./eventBuffer.js";

/** A BMC that runs, or should run. */
export interface ReportedBmc {
  readonly state: "starting" | "running" | "error" | "stopping";
  readonly address: string;
  readonly port: number;
  /** Why it is in error. */
  readonly reason?: string;
}

/** Turns changes into events: each change once, however often it is reported. */
export interface EventRecorder {
  readonly commanded: (name: string, event: BmcActivity) => void;
  /** @param bmc undefined once it is stopped */
  readonly bmcChanged: (name: string, bmc: ReportedBmc | undefined) => void;
  /**
   * The first report of a VM is not an event: nothing has changed.
   * @param hasSel a running BMC records in its SEL that the VM was switched, and why: that is the event then
   */
  readonly vmReported: (name: string, report: MachineReport, hasSel: boolean) => void;
  /** An operation that failed after its client had been answered. */
  readonly vmEvent: (name: string, event: MachineEvent) => void;
  /** The images in the VM's drives, and insertions in progress. */
  readonly mediaReported: (name: string, slots: readonly MediaSlot[]) => void;
  readonly linkChanged: (viserver: string, username: string, state: LinkState) => void;
}

export function createEventRecorder(buffer: EventBuffer): EventRecorder {
  const bmcs = new Map<string, string>();
  const vms = new Map<string, string>();
  const vcenters = new Map<string, string>();
  /** By name and drive. */
  const media = new Map<string, string>();
  return {
    commanded: (name, event) => buffer.add({ ...event, name }),
    bmcChanged: (name, bmc) => {
      const text = describeBmc(bmc);
      if (text === undefined || bmcs.get(name) === text) {
        return;
      }
      if (bmc === undefined) {
        bmcs.delete(name);
        vms.delete(name);
      } else {
        bmcs.set(name, text);
      }
      buffer.add({ kind: "bmc", name, text });
    },
    vmReported: (name, report, hasSel) => {
      // The event of the vCenter covers that it is unreachable or still connecting.
      if (!report.fresh && report.kind !== "notFound") {
        return;
      }
      const text = report.fresh ? powerTexts[report.snapshot.powerState] : report.reason;
      const before = vms.get(name);
      vms.set(name, text);
      if (before === text || (before === undefined && report.fresh)) {
        return;
      }
      if (hasSel && report.fresh && report.snapshot.powerState !== "suspended") {
        return;
      }
      buffer.add({ kind: "vm", name, text });
    },
    vmEvent: (name, { operation, reason }) => buffer.add({ kind: "vm", name, text: `${operation} failed: ${reason}` }),
    mediaReported: (name, slots) => {
      for (const slot of slots) {
        const key = `${name}\n${slot.id}`;
        const text = describeMedia(slot);
        const before = media.get(key);
        media.set(key, text);
        // An empty drive is reported only if something was in it.
        if (before !== text && (before !== undefined || !isIdleAndEmpty(slot))) {
          buffer.add({ kind: "vm", name, text });
        }
      }
    },
    linkChanged: (viserver, username, state) => {
      const text = describeLink(state, username);
      const key = `${viserver}\n${username}`;
      if (text === undefined || vcenters.get(key) === text) {
        return;
      }
      vcenters.set(key, text);
      buffer.add({ kind: "vcenter", name: viserver, text });
    },
  };
}

const powerTexts = {
  poweredOn: "the VM is powered on",
  poweredOff: "the VM is powered off",
  suspended: "the VM is suspended",
} as const;

function describeBmc(bmc: ReportedBmc | undefined): string | undefined {
  switch (bmc?.state) {
    case undefined:
      return "stopped";
    case "running":
      return `listens on ${bmc.address} port ${bmc.port}`;
    case "error":
      return `failed: ${bmc.reason ?? "for an unknown reason"}`;
    default:
      return undefined;
  }
}

/** The stages of a transfer count as one: details are available on request. */
function describeMedia({ id, isInserted, imageName = "an image", progress }: MediaSlot): string {
  const drive = driveTexts[id];
  switch (progress.stage) {
    case "failed":
      return `the ${drive} could not be changed: ${progress.reason}`;
    case "idle":
      return isInserted ? `${imageName} is in the ${drive}` : `the ${drive} is empty`;
    case "ejecting":
      return `the ${drive} is being emptied`;
    default:
      return `${imageName} is being inserted into the ${drive}`;
  }
}

function isIdleAndEmpty({ isInserted, progress }: MediaSlot): boolean {
  return !isInserted && progress.stage === "idle";
}

function describeLink(state: LinkState, username: string): string | undefined {
  switch (state.state) {
    case "connecting":
      return state.reason;
    case "connected":
      return `connected as ${username}`;
    case "reconnecting":
      return `not connected: ${state.reason}`;
    case "loginFailed":
      return state.reason;
  }
}
