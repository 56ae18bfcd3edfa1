import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../io/log/log.js";
import type { CertificateMessage, FromChild, ToChild } from "../ipc/child.js";
import type { BmcConfiguration } from "../ipc/configuration.js";
import type { LogMessage } from "../ipc/logging.js";
import { Worker } from "./worker.js";

/** How long a child may take to give up one of its BMCs, ms; then the child is ended. */
const withdrawBoundMs = 2000;

export type ChildOperation = Extract<FromChild, { type: "operation" }>;

/** What a child tells of its own accord, for events and metrics. */
export type ChildNews = Extract<FromChild, { type: "event" | "counts" }>;

export interface BmcChildEvents {
  readonly onReady: (name: string) => void;
  readonly onFailed: (name: string, reason: string) => void;
  readonly onOperation: (operation: ChildOperation) => void;
  readonly onNews: (news: ChildNews) => void;
  /** The process has ended; the members are those it served, or was about to. */
  readonly onExit: (members: readonly string[], reason: string) => void;
}

/** One child process and the BMCs that it serves. It exists before its process does, while that waits for its turn. */
export class BmcChild {
  readonly #members = new Map<string, BmcConfiguration>();
  readonly #withdrawals = new Map<string, () => void>();
  #worker: Worker<ToChild, FromChild> | undefined;
  #certificate: CertificateMessage | undefined;
  #closing = false;
  #announceAnswer: () => void = () => undefined;

  constructor(
    private readonly entry: URL,
    private readonly log: Log,
    private readonly isMetered: boolean,
    private readonly events: BmcChildEvents,
    certificate?: CertificateMessage,
  ) {
    this.#certificate = certificate;
  }

  get size(): number {
    return this.#members.size;
  }

  /** It takes no more BMCs. */
  get isClosing(): boolean {
    return this.#closing;
  }

  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  /** Forks the process and serves the members; resolves when it has given its first answer or ended. */
  async launch(): Promise<void> {
    if (this.#closing) {
      return;
    }
    const firstAnswer = new Promise<void>((resolve) => (this.#announceAnswer = resolve));
    try {
      this.#worker = this.#fork();
    } catch (error) {
      // Out of memory or descriptors.
      this.#exited(`could not be started: ${reasonOf(error)}`);
    }
    this.#announceCertificate();
    for (const bmc of this.#members.values()) {
      this.#worker?.send({ type: "serve", bmc });
    }
    await firstAnswer;
  }

  announceLogLevel(): void {
    this.#worker?.announceLogLevel();
  }

  /** What its Redfish services show from now on. */
  set certificate(message: CertificateMessage) {
    this.#certificate = message;
    this.#announceCertificate();
  }

  /** A process without Redfish has no business with the key. */
  #announceCertificate(): void {
    if (this.#certificate !== undefined && [...this.#members.values()].some(({ redfish }) => redfish !== undefined)) {
      this.#worker?.send(this.#certificate);
    }
  }

  serve(bmc: BmcConfiguration): void {
    const isFirstWithRedfish = bmc.redfish && ![...this.#members.values()].some(({ redfish }) => redfish);
    this.#members.set(bmc.vmName, bmc);
    if (isFirstWithRedfish) {
      this.#announceCertificate();
    }
    this.#worker?.send({ type: "serve", bmc });
  }

  send(message: ToChild): void {
    this.#worker?.send(message);
  }

  /** Gives up one BMC, and ends the process with the last one. Resolves once the BMC's port is free. */
  async withdraw(name: string): Promise<void> {
    if (this.#members.size === 1 && this.#members.has(name)) {
      await this.stop();
      return;
    }
    if (this.#worker !== undefined) {
      await this.#requestWithdrawal(this.#worker, name);
    }
    this.#members.delete(name);
  }

  /** Forgets a BMC that the child could not serve. */
  forget(name: string): void {
    this.#members.delete(name);
    if (this.#members.size === 0) {
      void this.stop();
    }
  }

  async stop(): Promise<void> {
    this.#closing = true;
    await this.#worker?.stop({ type: "stop" });
    this.#members.clear();
  }

  /** For a process that does not answer. */
  kill(): void {
    this.#closing = true;
    this.#worker?.kill();
  }

  #fork(): Worker<ToChild, FromChild> {
    const [only, ...others] = this.#members.keys();
    return new Worker<ToChild, FromChild>({
      entry: this.entry,
      title: only !== undefined && others.length === 0 ? `vbmc: ${only}` : `vbmc: ${this.size} BMCs`,
      log: this.log,
      isMetered: this.isMetered,
      servesMany: others.length > 0,
      secrets: () => [...this.#members.values()].flatMap(({ password, ipmi }) => [password, ipmi.kgHex ?? ""]),
      onMessage: (message) => {
        this.#receive(message);
      },
      onExit: (reason) => {
        this.#exited(reason);
      },
    });
  }

  async #requestWithdrawal(worker: Worker<ToChild, FromChild>, name: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const bound = setTimeout(() => {
        this.log.warn({ vm: name, pid: worker.pid }, "a child does not give up a BMC: it is ended");
        this.kill();
      }, withdrawBoundMs);
      this.#withdrawals.set(name, () => {
        clearTimeout(bound);
        resolve();
      });
      worker.send({ type: "withdraw", vmName: name });
    });
  }

  #receive(message: Exclude<FromChild, LogMessage>): void {
    this.#announceAnswer();
    switch (message.type) {
      case "ready":
        if (this.#members.has(message.vmName)) {
          this.events.onReady(message.vmName);
        }
        break;
      case "failed":
        if (this.#members.has(message.vmName)) {
          this.events.onFailed(message.vmName, message.reason);
        }
        break;
      case "withdrawn":
        this.#settleWithdrawal(message.vmName);
        break;
      case "operation":
        this.events.onOperation(message);
        break;
      case "event":
      case "counts":
        if (this.#members.has(message.vmName)) {
          this.events.onNews(message);
        }
        break;
    }
  }

  #settleWithdrawal(name: string): void {
    this.#withdrawals.get(name)?.();
    this.#withdrawals.delete(name);
  }

  #exited(reason: string): void {
    this.#closing = true;
    this.#announceAnswer();
    const members = [...this.#members.keys()];
    this.#members.clear();
    for (const name of [...this.#withdrawals.keys()]) {
      this.#settleWithdrawal(name);
    }
    this.events.onExit(members, reason);
  }
}
