/** The BMCs and the children that serve them: starts and ends each, and passes on what is known of its VM. */
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

/** By so much longer may a BMC take for each other one of its process; on a quiet machine it takes a tenth of it, ms. */
const neighbourBoundMs = 40;

export interface FleetOptions {
  /** Script of a BMC child. */
  readonly entry: URL;
  readonly log: Log;
  readonly bmcsPerProcess: number;
  /** Counts of what BMCs do are wanted. */
  readonly isMetered: boolean;
  /** How long a BMC may take from the fork of its child, when it is alone there, until it listens, ms. */
  readonly readyBoundMs: number;
  /** Answers what a BMC asks of its VM; never rejects. */
  readonly operate: (operation: ChildOperation) => Promise<MachineOperationResult>;
  /** Opens a console for a BMC's client; never rejects. */
  readonly openConsole: (request: OpenConsole) => Promise<ConsoleOpened>;
  /** The last report on a VM. */
  readonly reportOf: (name: string) => MachineReport | undefined;
  /** What a BMC did. */
  readonly onChildReport: (news: ChildReport) => void;
  /** What a BMC answered to the process that serves all of them. */
  readonly onAnswer: (answer: ChildAnswer) => void;
  /** A BMC has another state than before. */
  readonly onChange: (name: string) => void;
}

export interface Fleet {
  readonly running: ReadonlyMap<string, RunningBmc>;
  /** When the next BMC in error may be tried again, ms since the epoch; Infinity when none waits. */
  readonly nextRetryAt: number;
  /** From the next start on. */
  readonly setBmcsPerProcess: (count: number) => void;
  /** What the Redfish services show. */
  readonly useCertificate: (message: CertificateMessage) => void;
  /** Begins to serve a BMC that is not there, or is in error. */
  readonly start: (bmc: BmcConfiguration, fingerprint: string) => void;
  /** Ends a BMC; resolves once its port is free. */
  readonly stop: (name: string) => Promise<void>;
  /** Lets a BMC in error be tried at once. */
  readonly clearBackoff: (name: string) => void;
  readonly report: (name: string, report: MachineReport) => void;
  readonly reportMedia: (name: string, slots: readonly MediaSlot[]) => void;
  readonly forwardEvent: (name: string, event: MachineEvent) => void;
  /** For a BMC that runs; false: it does not. */
  readonly ask: (name: string, message: ToChild) => boolean;
  readonly announceLogLevel: () => void;
  /** Ends all children; no BMC starts any more. */
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

  /** A BMC's child knows of it: from now on it must answer in time, and may hear of its VM. */
  function served(name: string): void {
    const { state, child } = members.all.get(name) ?? {};
    if (state !== "starting" || child === undefined) {
      return;
    }
    const latest = options.reportOf(name);
    if (latest !== undefined) {
      report(name, latest);
    }
    members.expectReady(name, child, options.readyBoundMs + (child.size - 1) * neighbourBoundMs);
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

/** @param child is there once one of the events happens */
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
