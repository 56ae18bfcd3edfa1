import { availableParallelism } from "node:os";

import { createLimiter } from "../../base/async/limiter.js";
import type { Log } from "../../io/log/log.js";
import type { MachineOperationResult } from "../../model/machine/operation.js";
import type { CertificateMessage } from "../ipc/child.js";
import type { BmcConfiguration } from "../ipc/configuration.js";
import type { MachineEvent, MachineReport } from "../ipc/reports.js";
import { nextBackoff } from "./backoff.js";
import { BmcChild, type BmcChildEvents, type ChildNews, type ChildOperation } from "./bmcChild.js";
import type { RunningView } from "./plan.js";

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
  /** The last report on a VM. */
  readonly reportOf: (name: string) => MachineReport | undefined;
  /** What a BMC did. */
  readonly onNews: (news: ChildNews) => void;
  /** A BMC has another state than before. */
  readonly onChange: (name: string) => void;
}

/** A BMC that runs, or should. */
export interface RunningBmc extends RunningView {
  readonly address: string;
  readonly port: number;
  /** Why it is in error, or was before it was tried again. */
  readonly reason?: string;
  readonly failures: number;
  /** ms since the epoch, while it runs. */
  readonly runningSince?: number;
  /** The process that serves it. */
  readonly pid?: number;
}

interface Member extends RunningBmc {
  readonly child?: BmcChild;
}

/** The BMC children: who is served by which process, and how each of them fares. */
export class Fleet {
  readonly #members = new Map<string, Member>();
  readonly #children = new Set<BmcChild>();
  readonly #readyTimers = new Map<string, NodeJS.Timeout>();
  readonly #forks = createLimiter(Math.max(2, availableParallelism()));
  #bmcsPerProcess: number;
  #certificate: CertificateMessage | undefined;
  #isClosed = false;

  constructor(private readonly options: FleetOptions) {
    this.#bmcsPerProcess = options.bmcsPerProcess;
  }

  get running(): ReadonlyMap<string, RunningBmc> {
    return this.#members;
  }

  /** From the next start on. */
  set bmcsPerProcess(count: number) {
    this.#bmcsPerProcess = count;
  }

  /** What the Redfish services show. */
  set certificate(message: CertificateMessage) {
    this.#certificate = message;
    for (const child of this.#children) {
      child.certificate = message;
    }
  }

  /** Begins to serve a BMC that is not there, or is in error. */
  start(bmc: BmcConfiguration, fingerprint: string): void {
    if (this.#isClosed) {
      return;
    }
    const name = bmc.vmName;
    const { failures = 0, reason } = this.#members.get(name) ?? {};
    const roomy = [...this.#children].find((each) => !each.isClosing && each.size < this.#bmcsPerProcess);
    const child = roomy ?? this.#addChild();
    child.serve(bmc);
    const earlier = reason === undefined ? {} : { reason };
    const { address, port } = bmc;
    this.#set(name, { state: "starting", fingerprint, address, port, failures, child, ...earlier });
    if (roomy === undefined) {
      void this.#launchInTurn(child);
    } else if (child.pid !== undefined) {
      this.#served(name);
    }
  }

  /** Ends a BMC; resolves once its port is free. */
  async stop(name: string): Promise<void> {
    const member = this.#members.get(name);
    if (member === undefined) {
      return;
    }
    this.#clearReadyTimer(name);
    this.#set(name, { ...member, state: "stopping" });
    await member.child?.withdraw(name);
    this.#members.delete(name);
    this.options.onChange(name);
  }

  /** Lets a BMC in error be tried at once. */
  forgive(name: string): void {
    const member = this.#members.get(name);
    if (member?.state !== "error") {
      return;
    }
    this.#members.set(name, { ...withoutReason(member), failures: 0, retryAt: 0 });
  }

  /** When the next BMC in error may be tried again, ms since the epoch; Infinity when none waits. */
  get nextRetryAt(): number {
    return Math.min(
      ...[...this.#members.values()].map(({ state, retryAt }) => (state === "error" ? (retryAt ?? 0) : Infinity)),
    );
  }

  report(name: string, report: MachineReport): void {
    this.#members.get(name)?.child?.send({ type: "machineReport", vmName: name, report });
  }

  passOn(name: string, event: MachineEvent): void {
    this.#members.get(name)?.child?.send({ type: "machineEvent", vmName: name, event });
  }

  announceLogLevel(): void {
    for (const child of this.#children) {
      child.announceLogLevel();
    }
  }

  /** Ends all children; no BMC starts any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#readyTimers.values()) {
      clearTimeout(timer);
    }
    await Promise.all([...this.#children].map((child) => child.stop()));
    this.#members.clear();
  }

  #addChild(): BmcChild {
    const { entry, log, isMetered, onNews } = this.options;
    const events: BmcChildEvents = {
      onNews,
      onReady: (name) => {
        this.#ready(name, child);
      },
      onFailed: (name, reason) => {
        child.forget(name);
        this.#failed(name, child, reason);
      },
      onOperation: (operation) => {
        void this.options.operate(operation).then((result) => {
          child.send({ type: "operationResult", id: operation.id, result });
        });
      },
      onExit: (members, reason) => {
        this.#children.delete(child);
        for (const name of members) {
          this.#failed(name, child, `its process ${reason}`);
        }
      },
    };
    const child = new BmcChild(entry, log, isMetered, events, this.#certificate);
    this.#children.add(child);
    return child;
  }

  async #launchInTurn(child: BmcChild): Promise<void> {
    // Whoever starts in this turn as well is to be in the child before its process is made for so many.
    await Promise.resolve();
    await this.#forks.run(async () => {
      // Whoever was to be served may be gone by now.
      if (child.size === 0) {
        this.#children.delete(child);
        return;
      }
      const answered = child.launch();
      for (const [name, member] of this.#members) {
        if (member.child === child) {
          this.#served(name);
        }
      }
      await answered;
    });
  }

  /** A BMC's child knows of it: from now on it must answer in time, and may hear of its VM. */
  #served(name: string): void {
    const member = this.#members.get(name);
    const child = member?.child;
    if (member?.state !== "starting" || child === undefined) {
      return;
    }
    const report = this.options.reportOf(name);
    if (report !== undefined) {
      this.report(name, report);
    }
    const readyBoundMs = this.options.readyBoundMs + (child.size - 1) * neighbourBoundMs;
    const timer = setTimeout(() => {
      this.#failed(name, child, `it did not begin to listen within ${readyBoundMs / 1000} s`);
      void child.withdraw(name);
    }, readyBoundMs);
    this.#readyTimers.set(name, timer);
  }

  #ready(name: string, child: BmcChild): void {
    const member = this.#members.get(name);
    if (member?.state !== "starting" || member.child !== child) {
      return;
    }
    this.#clearReadyTimer(name);
    const { pid } = child;
    this.#set(name, {
      ...withoutReason(member),
      state: "running",
      runningSince: Date.now(),
      ...(pid === undefined ? {} : { pid }),
    });
  }

  /** A failure is the BMC's own only while that child serves it. */
  #failed(name: string, child: BmcChild, reason: string): void {
    const member = this.#members.get(name);
    if (member?.child !== child || member.state === "stopping" || this.#isClosed) {
      return;
    }
    this.#clearReadyTimer(name);
    const { fingerprint, address, port } = member;
    const backoff = nextBackoff(member.failures, member.runningSince, Date.now());
    this.#set(name, { state: "error", fingerprint, address, port, reason, ...backoff });
    const seconds = Math.round((backoff.retryAt - Date.now()) / 1000);
    this.options.log.error(
      { vm: name, address, port, reason, failures: backoff.failures },
      `BMC failed, next try in ${seconds} s`,
    );
  }

  #clearReadyTimer(name: string): void {
    clearTimeout(this.#readyTimers.get(name));
    this.#readyTimers.delete(name);
  }

  #set(name: string, member: Member): void {
    this.#members.set(name, member);
    this.options.onChange(name);
  }
}

function withoutReason(member: Member): Member {
  const copy: { -readonly [K in keyof Member]: Member[K] } = { ...member };
  delete copy.reason;
  return copy;
}
