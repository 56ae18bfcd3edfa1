/** A vCenter link: serves the VMs of one account in a process that is restarted when it dies. */
import { type Deadline, timeLeftMs } from "../../base/async/deadline.js";
import type { Counts } from "../../io/counters/counts.js";
import type { MediaSlot } from "../../model/machine/media.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { ServedMachine } from "../ipc/configuration.js";
import type { FromLink, ToLink } from "../ipc/link.js";
import type { LogMessage } from "../ipc/logging.js";
import type { AccountAnswer, AccountQuestion } from "../ipc/question.js";
import type { LinkState, MachineEvent, MachineReport } from "../ipc/reports.js";
import { createLinkProcess, type LinkProcess, type LinkProcessOptions } from "./linkProcess.js";
import { createLinkRequests, failure, type LinkRequests } from "./linkRequests.js";

export interface LinkOptions extends LinkProcessOptions {
  readonly onReport: (name: string, report: MachineReport) => void;
  readonly onEvent: (name: string, event: MachineEvent) => void;
  /** The images in a VM's drives and insertions in progress; empty: unknown. */
  readonly onMedia: (name: string, slots: readonly MediaSlot[]) => void;
  readonly onState: (state: LinkState) => void;
  readonly onCounts: (counts: Counts) => void;
}

export interface Link {
  readonly state: LinkState;
  readonly account: { readonly viserver: string; readonly username: string };
  readonly pid: number | undefined;
  readonly announceLogLevel: () => void;
  /** From now on exactly these VMs are served. */
  readonly serve: (machines: readonly ServedMachine[]) => void;
  /** Sends a request to the link; always resolves, shortly after the deadline at the latest. */
  readonly operate: (
    vmName: string,
    operation: MachineOperation,
    deadline: Deadline,
  ) => Promise<MachineOperationResult>;
  /** Sends a request that is not an operation of a VM; always resolves, shortly after `timeoutMs` at the latest. */
  readonly ask: (question: AccountQuestion, timeoutMs: number) => Promise<AccountAnswer>;
  /** Ends the process (it logs out first); resolves when it has ended. */
  readonly close: () => Promise<void>;
}

export function createLink(options: LinkOptions): Link {
  const { viserver, username } = options.configuration;
  const machines = new Map<string, ServedMachine>();
  const requests = createLinkRequests();
  let state: LinkState = { state: "connecting" };
  /** The last report of the process itself. */
  let lastReported: LinkState = { state: "connecting" };

  function setState(next: LinkState): void {
    state = next;
    options.onState(next);
  }

  /** Its earlier reports may be outdated, and there is no other source. */
  function lose(reason: string): void {
    setState({ state: "reconnecting", since: new Date().toISOString(), reason });
    for (const name of machines.keys()) {
      options.onReport(name, { fresh: false, kind: "unavailable", reason });
      options.onMedia(name, []);
    }
  }

  function serveAll(): void {
    if (machines.size > 0) {
      linkProcess.send({ type: "serve", machines: [...machines.values()] });
    }
  }

  const linkProcess: LinkProcess = createLinkProcess(options, {
    onLaunch: () => {
      lastReported = { state: "connecting" };
      serveAll();
    },
    onMessage: (message) => {
      if (message.type === "linkState") {
        lastReported = message.linkState;
        setState(lastReported);
      } else if (message.type === "lingering") {
        linkProcess.detach();
      } else {
        receive(message, options, machines, requests);
      }
    },
    onSilence: lose,
    onReturn: () => {
      setState(lastReported);
      // For VMs that it already serves it repeats the state.
      serveAll();
    },
    onExit: (reason, isRestarting) => {
      requests.failAll(reason);
      if (isRestarting) {
        lose(reason);
      }
    },
  });

  async function request<Response extends MachineOperationResult | AccountAnswer>(
    timeoutMs: number,
    toMessage: (id: number) => ToLink,
  ): Promise<Response> {
    const { problem } = linkProcess;
    return problem === undefined
      ? requests.request<Response>((id) => linkProcess.send(toMessage(id)), timeoutMs)
      : (failure("unavailable", problem) as Response);
  }

  linkProcess.launch();
  return {
    account: { viserver, username },
    get state() {
      return state;
    },
    get pid() {
      return linkProcess.pid;
    },
    announceLogLevel: linkProcess.announceLogLevel,
    serve: (wanted) => replaceServed(machines, wanted, linkProcess.send),
    operate: (vmName, operation, deadline) =>
      request(timeLeftMs(deadline), (id) => ({ type: "operation", id, vmName, operation, deadline })),
    ask: (question, timeoutMs) => request(timeoutMs, (id) => ({ type: "question", id, question, timeoutMs })),
    close: linkProcess.close,
  };
}

type LinkMessage = Exclude<FromLink, LogMessage | { readonly type: "linkState" | "lingering" }>;

/** Reports on VMs that it no longer serves are dropped. */
function receive(
  message: LinkMessage,
  { onReport, onEvent, onMedia, onCounts }: LinkOptions,
  machines: ReadonlyMap<string, ServedMachine>,
  requests: LinkRequests,
): void {
  switch (message.type) {
    case "machineReport":
      if (machines.has(message.vmName)) {
        onReport(message.vmName, message.report);
      }
      break;
    case "machineEvent":
      if (machines.has(message.vmName)) {
        onEvent(message.vmName, message.event);
      }
      break;
    case "mediaReport":
      if (machines.has(message.vmName)) {
        onMedia(message.vmName, message.slots);
      }
      break;
    case "operationResult":
      requests.settle(message.id, message.result);
      break;
    case "answer":
      requests.settle(message.id, message.answer);
      break;
    case "counts":
      onCounts(message.counts);
      break;
    case "pong":
      break;
  }
}

/** Serves exactly `machines`, and sends the process the difference. */
function replaceServed(
  machines: Map<string, ServedMachine>,
  wanted: readonly ServedMachine[],
  send: (message: ToLink) => void,
): void {
  const byName = new Map(wanted.map((machine) => [machine.vmName, machine]));
  const isServed = (machine: ServedMachine | undefined) =>
    machine !== undefined && JSON.stringify(machines.get(machine.vmName)) === JSON.stringify(machine);
  const gone = [...machines.keys()].filter((name) => !isServed(byName.get(name)));
  const added = wanted.filter((machine) => !isServed(machine));
  for (const name of gone) {
    machines.delete(name);
  }
  for (const machine of added) {
    machines.set(machine.vmName, machine);
  }
  if (gone.length > 0) {
    send({ type: "withdraw", vmNames: gone });
  }
  if (added.length > 0) {
    send({ type: "serve", machines: added });
  }
}
