import type { BmcActivity } from "../ipc/child.js";
import type { LinkState, MachineEvent, MachineReport } from "../ipc/reports.js";
import type { EventRing } from "./eventRing.js";

/** A BMC that runs, or should. */
export interface ReportedBmc {
  readonly state: "starting" | "running" | "error" | "stopping";
  readonly address: string;
  readonly port: number;
  /** Why it is in error. */
  readonly reason?: string;
}

/** Makes events of what changes: each change once, however often it is reported. */
export class Chronicle {
  readonly #bmcs = new Map<string, string>();
  readonly #vms = new Map<string, string>();
  readonly #vcenters = new Map<string, string>();

  constructor(private readonly ring: EventRing) {}

  commanded(name: string, event: BmcActivity): void {
    this.ring.add({ ...event, name });
  }

  /** @param bmc undefined once it is stopped */
  bmcChanged(name: string, bmc: ReportedBmc | undefined): void {
    const text = describeBmc(bmc);
    if (text === undefined || this.#bmcs.get(name) === text) {
      return;
    }
    if (bmc === undefined) {
      this.#bmcs.delete(name);
      this.#vms.delete(name);
    } else {
      this.#bmcs.set(name, text);
    }
    this.ring.add({ kind: "bmc", name, text });
  }

  /**
   * The first report of a VM is no news: nothing has changed.
   * @param hasSel a running BMC writes into its SEL that the VM was switched, and by whose hand: that is told then
   */
  vmReported(name: string, report: MachineReport, hasSel: boolean): void {
    // Of a vCenter that is away, or still being connected to, its own event tells.
    if (!report.fresh && report.kind !== "notFound") {
      return;
    }
    const text = report.fresh ? powerTexts[report.snapshot.powerState] : report.reason;
    const before = this.#vms.get(name);
    this.#vms.set(name, text);
    if (before === text || (before === undefined && report.fresh)) {
      return;
    }
    if (hasSel && report.fresh && report.snapshot.powerState !== "suspended") {
      return;
    }
    this.ring.add({ kind: "vm", name, text });
  }

  /** An operation that failed after its client was told that it is under way. */
  vmEvent(name: string, { operation, reason }: MachineEvent): void {
    this.ring.add({ kind: "vm", name, text: `${operation} failed: ${reason}` });
  }

  linkChanged(viserver: string, username: string, state: LinkState): void {
    const text = describeLink(state, username);
    const key = `${viserver}\n${username}`;
    if (text === undefined || this.#vcenters.get(key) === text) {
      return;
    }
    this.#vcenters.set(key, text);
    this.ring.add({ kind: "vcenter", name: viserver, text });
  }
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
