/** The BMCs that run or should run, and their states. */
import { defined } from "../../base/defined.js";
import type { Log } from "../../io/log/log.js";
import type { BmcConfiguration } from "../ipc/configuration.js";
import type { BmcChild } from "./bmcChild.js";
import type { RunningView } from "./plan.js";
import { nextBackoff } from "./restartBackoff.js";

/** A BMC that runs or should run. */
export interface RunningBmc extends RunningView {
  readonly address: string;
  readonly port: number;
  /** Why it is in error, or was before it was retried. */
  readonly reason?: string;
  readonly failures: number;
  /** ms since the epoch, while it runs. */
  readonly runningSince?: number;
  /** The process that serves it. */
  readonly pid?: number;
}

export interface FleetMember extends RunningBmc {
  readonly child?: BmcChild;
}

export interface FleetMembers {
  readonly all: ReadonlyMap<string, FleetMember>;
  /** When the next BMC in error may be retried, ms since the epoch; Infinity if none waits. */
  readonly nextRetryAt: number;
  readonly starting: (bmc: BmcConfiguration, fingerprint: string, child: BmcChild) => void;
  /** A BMC that does not listen by then has failed, and is withdrawn from its child. */
  readonly expectReady: (name: string, child: BmcChild, timeoutMs: number) => void;
  readonly ready: (name: string, child: BmcChild) => void;
  /** A failure only concerns the BMC while that child serves it. */
  readonly failed: (name: string, child: BmcChild, reason: string) => void;
  readonly stopping: (name: string, member: FleetMember) => void;
  readonly stopped: (name: string) => void;
  /** Allows a BMC in error to be retried immediately. */
  readonly clearBackoff: (name: string) => void;
  /** Drops all; none can fail afterwards. */
  readonly close: () => void;
}

/** @param onChange the state of a BMC has changed */
export function createFleetMembers(log: Log, onChange: (name: string) => void): FleetMembers {
  const members = new Map<string, FleetMember>();
  const readyTimers = new Map<string, NodeJS.Timeout>();
  let isClosed = false;

  function set(name: string, member: FleetMember): void {
    clearTimeout(readyTimers.get(name));
    readyTimers.delete(name);
    members.set(name, member);
    onChange(name);
  }

  function failed(name: string, child: BmcChild, reason: string): void {
    const member = members.get(name);
    if (member?.child !== child || member.state === "stopping" || isClosed) {
      return;
    }
    const { fingerprint, address, port } = member;
    const backoff = nextBackoff(member.failures, member.runningSince, Date.now());
    set(name, { state: "error", fingerprint, address, port, reason, ...backoff });
    const seconds = Math.round((backoff.retryAt - Date.now()) / 1000);
    const fields = { vm: name, address, port, reason, failures: backoff.failures };
    log.error(fields, `BMC failed, next try in ${seconds} s`);
  }

  return {
    all: members,
    get nextRetryAt() {
      const waiting = [...members.values()].filter(({ state }) => state === "error");
      return Math.min(...waiting.map(({ retryAt }) => retryAt ?? 0));
    },
    starting: ({ vmName, address, port }, fingerprint, child) => {
      const { failures = 0, reason } = members.get(vmName) ?? {};
      const earlier = reason === undefined ? {} : { reason };
      set(vmName, { state: "starting", fingerprint, address, port, failures, child, ...earlier });
    },
    expectReady: (name, child, timeoutMs) => {
      const timer = setTimeout(() => {
        failed(name, child, `it did not listen within ${timeoutMs / 1000} s`);
        void child.withdraw(name);
      }, timeoutMs);
      readyTimers.set(name, timer);
    },
    ready: (name, child) => {
      const member = members.get(name);
      if (member?.state !== "starting" || member.child !== child) {
        return;
      }
      const { pid } = child;
      const running = { ...withoutReason(member), state: "running", runningSince: Date.now() } as const;
      set(name, { ...running, ...defined({ pid }) });
    },
    failed,
    stopping: (name, member) => set(name, { ...member, state: "stopping" }),
    stopped: (name) => {
      members.delete(name);
      onChange(name);
    },
    clearBackoff: (name) => {
      const member = members.get(name);
      if (member?.state === "error") {
        members.set(name, { ...withoutReason(member), failures: 0, retryAt: 0 });
      }
    },
    close: () => {
      isClosed = true;
      [...readyTimers.values()].forEach(clearTimeout);
      members.clear();
    },
  };
}

function withoutReason(member: FleetMember): FleetMember {
  const copy: { -readonly [K in keyof FleetMember]: FleetMember[K] } = { ...member };
  delete copy.reason;
  return copy;
}
