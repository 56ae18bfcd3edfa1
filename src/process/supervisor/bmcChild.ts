/** The process of one or several BMCs, as the supervisor sees it. */
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../io/log/log.js";
import type { CertificateMessage, FromChild, ToChild } from "../ipc/child.js";
import type { BmcConfiguration } from "../ipc/configuration.js";
import type { OpenConsole } from "../ipc/console.js";
import type { LogMessage } from "../ipc/logging.js";
import { createWithdrawals } from "./withdrawals.js";
import { createWorker, type Worker } from "./worker.js";

export type ChildOperation = Extract<FromChild, { type: "operation" }>;

/** Reports of a child for events and metrics. */
export type ChildReport = Extract<FromChild, { type: "event" | "counts" }>;

/** Answers of a child to the process that serves all BMCs. */
export type ChildAnswer = Extract<FromChild, { type: "exchanged" | "role" }>;

export interface BmcChildEvents {
  readonly onReady: (name: string) => void;
  readonly onFailed: (name: string, reason: string) => void;
  readonly onOperation: (operation: ChildOperation) => void;
  readonly onOpenConsole: (request: OpenConsole) => void;
  readonly onChildReport: (report: ChildReport) => void;
  readonly onAnswer: (answer: ChildAnswer) => void;
  /** The process has ended; the members are those that it served or was about to serve. */
  readonly onExit: (members: readonly string[], reason: string) => void;
}

export interface BmcChildOptions extends BmcChildEvents {
  /** Script of a BMC child. */
  readonly entry: URL;
  readonly log: Log;
  /** Whether counters of its BMCs are requested. */
  readonly isMetered: boolean;
  /** The initial certificate of its Redfish services. */
  readonly certificate: CertificateMessage | undefined;
}

/** One child process and the BMCs that it serves. It exists before its process, which may have to wait for its turn. */
export interface BmcChild {
  /** How many BMCs it serves. */
  readonly size: number;
  /** It takes no more BMCs. */
  readonly isClosing: boolean;
  readonly pid: number | undefined;
  /** Forks the process and serves the members; resolves when it has given its first answer or ended. */
  readonly launch: () => Promise<void>;
  readonly announceLogLevel: () => void;
  /** The certificate of its Redfish services from now on. */
  readonly useCertificate: (message: CertificateMessage) => void;
  readonly serve: (bmc: BmcConfiguration) => void;
  readonly send: (message: ToChild) => void;
  /** Stops one BMC, and ends the process with the last one. Resolves once the BMC's port is free. */
  readonly withdraw: (name: string) => Promise<void>;
  /** Drops a BMC that the child could not serve. */
  readonly forget: (name: string) => void;
  readonly stop: () => Promise<void>;
}

export function createBmcChild(options: BmcChildOptions): BmcChild {
  const members = new Map<string, BmcConfiguration>();
  let worker: Worker<ToChild> | undefined;
  let { certificate } = options;
  let isClosing = false;
  let announceAnswer: () => void = () => undefined;

  const withdrawals = createWithdrawals((name) => {
    options.log.warn({ vm: name, pid: worker?.pid }, "a child does not stop a BMC; ending the child");
    isClosing = true;
    worker?.kill();
  });
  const receive = receiver(options, members, withdrawals.settle);

  function exited(reason: string): void {
    isClosing = true;
    announceAnswer();
    const names = [...members.keys()];
    members.clear();
    withdrawals.settleAll();
    options.onExit(names, reason);
  }

  /** A process without Redfish must not get the key. */
  function announceCertificate(): void {
    if (certificate !== undefined && hasRedfish(members)) {
      worker?.send(certificate);
    }
  }

  async function stop(): Promise<void> {
    isClosing = true;
    await worker?.stop({ type: "stop" });
    members.clear();
  }

  return {
    get size() {
      return members.size;
    },
    get isClosing() {
      return isClosing;
    },
    get pid() {
      return worker?.pid;
    },
    launch: async () => {
      if (isClosing) {
        return;
      }
      const firstAnswer = new Promise<void>((resolve) => (announceAnswer = resolve));
      const onMessage = (message: Exclude<FromChild, LogMessage>): void => {
        announceAnswer();
        receive(message);
      };
      try {
        worker = forkChild(options, members, { onMessage, onExit: exited });
      } catch (error) {
        // Out of memory or descriptors.
        exited(`could not be started: ${reasonOf(error)}`);
      }
      announceCertificate();
      for (const bmc of members.values()) {
        worker?.send({ type: "serve", bmc });
      }
      await firstAnswer;
    },
    announceLogLevel: () => worker?.announceLogLevel(),
    useCertificate: (message) => {
      certificate = message;
      announceCertificate();
    },
    serve: (bmc) => {
      const isFirstWithRedfish = bmc.redfish?.port !== undefined && !hasRedfish(members);
      members.set(bmc.vmName, bmc);
      if (isFirstWithRedfish) {
        announceCertificate();
      }
      worker?.send({ type: "serve", bmc });
    },
    send: (message) => worker?.send(message),
    withdraw: async (name) => {
      if (members.size === 1 && members.has(name)) {
        await stop();
        return;
      }
      if (worker !== undefined) {
        const withdrawn = withdrawals.expect(name);
        worker.send({ type: "withdraw", vmName: name });
        await withdrawn;
      }
      members.delete(name);
    },
    forget: (name) => {
      members.delete(name);
      if (members.size === 0) {
        void stop();
      }
    },
    stop,
  };
}

type Members = ReadonlyMap<string, BmcConfiguration>;

function hasRedfish(members: Members): boolean {
  return [...members.values()].some(({ redfish }) => redfish?.port !== undefined);
}

function forkChild(
  { entry, log, isMetered }: BmcChildOptions,
  members: Members,
  handlers: {
    readonly onMessage: (message: Exclude<FromChild, LogMessage>) => void;
    readonly onExit: (reason: string) => void;
  },
): Worker<ToChild> {
  const [only, ...others] = members.keys();
  return createWorker<ToChild, FromChild>({
    entry,
    title: only !== undefined && others.length === 0 ? `vbmc: ${only}` : `vbmc: ${members.size} BMCs`,
    log,
    isMetered,
    servesMany: others.length > 0,
    secrets: () => [...members.values()].flatMap(({ password, ipmi }) => [password, ipmi.kgHex ?? ""]),
    ...handlers,
  });
}

/** Forwards the process's messages; those about BMCs that it no longer serves are dropped. */
function receiver(
  { onReady, onFailed, onOperation, onOpenConsole, onChildReport, onAnswer }: BmcChildEvents,
  members: Members,
  onWithdrawn: (name: string) => void,
): (message: Exclude<FromChild, LogMessage>) => void {
  return (message) => {
    if (message.type === "operation") {
      onOperation(message);
    } else if (message.type === "withdrawn") {
      onWithdrawn(message.vmName);
    } else if (members.has(message.vmName)) {
      switch (message.type) {
        case "openConsole":
          onOpenConsole(message);
          break;
        case "ready":
          onReady(message.vmName);
          break;
        case "failed":
          onFailed(message.vmName, message.reason);
          break;
        case "exchanged":
        case "role":
          onAnswer(message);
          break;
        default:
          onChildReport(message);
      }
    }
  };
}
