/** The BMCs and the children that serve them: starts and ends both, and forwards reports on their VMs. */
import type { Log } from "../../io/log/log.js";
import type { MediaSlot } from "../../model/machine/media.js";
import type { MachineOperationResult } from "../../model/machine/operation.js";
import type { CertificateMessage, ToChild } from "../ipc/child.js";
import type { BmcConfiguration } from "../ipc/configuration.js";
import type { ConsoleOpened, OpenConsole } from "../ipc/console.js";
import type { MachineEvent, MachineReport } from "../ipc/reports.js";
import type { BmcChild, BmcChildEvents, ChildAnswer, ChildOperation, ChildReport } from "./bmcChild.js";
import { createFleetChildren } from "./fleetChildren.js";
import { createFleetMembers, type FleetMembers, type RunningBmc } from "./fleetMembers.js";

/** Extra start-up allowance per other BMC in the same process, ms (measured: about a tenth on an idle host). */
const neighbourTimeoutMs = 40;

export interface FleetOptions {
  /** Script of a BMC child. */
  readonly entry: URL;
  readonly log: Log;
  readonly bmcsPerProcess: number;
  /** Whether counters of BMCs are requested. */
  readonly isMetered: boolean;
  /** Time from the fork of its child until a BMC that is alone there must listen, ms. */
  readonly readyTimeoutMs: number;
  /** Carries out a BMC's request to its VM; never rejects. */
  readonly operate: (operation: ChildOperation) => Promise<MachineOperationResult>;
  /** Opens a console for a BMC's client; never rejects. */
  readonly openConsole: (request: OpenConsole) => Promise<ConsoleOpened>;
  /** The last report on a VM. */
  readonly reportOf: (name: string) => MachineReport | undefined;
  /** Activity of a BMC. */
  readonly onChildReport: (report: ChildReport) => void;
  /** A BMC's answer to the process that serves all of them. */
  readonly onAnswer: (answer: ChildAnswer) => void;
  /** The state of a BMC has changed. */
  readonly onChange: (name: string) => void;
}

export interface Fleet {
  readonly running: ReadonlyMap<string, RunningBmc>;
  /** When the next BMC in error may be retried, ms since the epoch; Infinity if none waits. */
  readonly nextRetryAt: number;
  /** Applies from the next start on. */
  readonly setBmcsPerProcess: (count: number) => void;
  /** The certificate of the Redfish services. */
  readonly useCertificate: (message: CertificateMessage) => void;
  /** Starts to serve a BMC that does not run, or is in error. */
  readonly start: (bmc: BmcConfiguration, fingerprint: string) => void;
  /** Ends a BMC; resolves once its port is free. */
  readonly stop: (name: string) => Promise<void>;
  /** Allows a BMC in error to be retried immediately. */
  readonly clearBackoff: (name: string) => void;
  readonly report: (name: string, report: MachineReport) => void;
  readonly reportMedia: (name: string, slots: readonly MediaSlot[]) => void;
  readonly forwardEvent: (name: string, event: MachineEvent) => void;
  /** For a running BMC; false: it is not running. */
  readonly ask: (name: string, message: ToChild) => boolean;
  readonly announceLogLevel: () => void;
  /** Ends all children; no BMC starts afterwards. */
  readonly close: () => Promise<void>;
}

export function createFleet(options: FleetOptions): Fleet {
  const members = createFleetMembers(options.log, options.onChange);
  let isClosed = false;

  const children = createFleetChildren({
    ...options,
    eventsOf: (child) => childEvents(options, members, child),
    onLaunched: (child) => {
      for (const [name, member] of members.all) {
        if (member.child === child) {
          served(name);
        }
      }
    },
  });

  function report(name: string, latest: MachineReport): void {
    members.all.get(name)?.child?.send({ type: "machineReport", vmName: name, report: latest });
  }

  /** A BMC's child has its configuration: from now on it must answer in time, and gets reports on its VM. */
  function served(name: string): void {
    const { state, child } = members.all.get(name) ?? {};
    if (state !== "starting" || child === undefined) {
      return;
    }
    const latest = options.reportOf(name);
    if (latest !== undefined) {
      report(name, latest);
    }
    members.expectReady(name, child, options.readyTimeoutMs + (child.size - 1) * neighbourTimeoutMs);
  }

  return {
    running: members.all,
    get nextRetryAt() {
      return members.nextRetryAt;
    },
    setBmcsPerProcess: children.setBmcsPerProcess,
    useCertificate: children.useCertificate,
    start: (bmc, fingerprint) => {
      if (isClosed) {
        return;
      }
      const { child, isNew } = children.withRoom();
      child.serve(bmc);
      members.starting(bmc, fingerprint, child);
      if (isNew) {
        void children.launch(child);
      } else if (child.pid !== undefined) {
        served(bmc.vmName);
      }
    },
    stop: async (name) => {
      const member = members.all.get(name);
      if (member !== undefined) {
        members.stopping(name, member);
        await member.child?.withdraw(name);
        members.stopped(name);
      }
    },
    clearBackoff: members.clearBackoff,
    report,
    reportMedia: (name, slots) => members.all.get(name)?.child?.send({ type: "mediaReport", vmName: name, slots }),
    forwardEvent: (name, event) => members.all.get(name)?.child?.send({ type: "machineEvent", vmName: name, event }),
    ask: (name, message) => {
      const { state, child } = members.all.get(name) ?? {};
      if (state !== "running" || child === undefined) {
        return false;
      }
      child.send(message);
      return true;
    },
    announceLogLevel: children.announceLogLevel,
    close: async () => {
      isClosed = true;
      members.close();
      await children.close();
    },
  };
}

/** @param child defined once one of the events happens */
function childEvents(
  {
    operate,
    openConsole,
    onChildReport,
    onAnswer,
  }: Pick<FleetOptions, "operate" | "openConsole" | "onChildReport" | "onAnswer">,
  members: FleetMembers,
  child: () => BmcChild,
): BmcChildEvents {
  return {
    onChildReport,
    onAnswer,
    onReady: (name) => members.ready(name, child()),
    onFailed: (name, reason) => {
      child().forget(name);
      members.failed(name, child(), reason);
    },
    onOperation: (operation) => {
      void operate(operation).then((result) => {
        child().send({ type: "operationResult", id: operation.id, result });
      });
    },
    onOpenConsole: (request) => {
      void openConsole(request).then((opened) => child().send(opened));
    },
    onExit: (names, reason) => {
      for (const name of names) {
        members.failed(name, child(), `its process ${reason}`);
      }
    },
  };
}
