import { type Deadline, timeLeftMs } from "../../base/async/deadline.js";
import { reasonOf } from "../../base/errors.js";
import type { Counts } from "../../io/counters/counts.js";
import type { Log } from "../../io/log/log.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { AccountAnswer, AccountQuestion } from "../../model/machine/question.js";
import type { LinkConfiguration, ServedMachine } from "../ipc/configuration.js";
import type { FromLink, ToLink } from "../ipc/link.js";
import type { LogMessage } from "../ipc/logging.js";
import type { LinkState, MachineEvent, MachineReport } from "../ipc/reports.js";
import { type Backoff, nextBackoff } from "./backoff.js";
import { type Heartbeat, startHeartbeat } from "./heartbeat.js";
import { Worker } from "./worker.js";

/** What a link gets beyond the time that the asker waits, before its answer is given up, ms. */
const graceMs = 500;

const silenceText = "the vCenter link does not answer; it is restarted unless it comes back";

export interface LinkOptions {
  /** Script of a link. */
  readonly entry: URL;
  readonly log: Log;
  /** Counts of its calls are wanted. */
  readonly isMetered: boolean;
  readonly configuration: LinkConfiguration;
  /** Our own version, which vCenter is told. */
  readonly version: string;
  readonly onReport: (name: string, report: MachineReport) => void;
  readonly onEvent: (name: string, event: MachineEvent) => void;
  readonly onState: (state: LinkState) => void;
  readonly onCounts: (counts: Counts) => void;
}

/** One vCenter link: a process that serves VMs of one account, and comes back when it dies. */
export class Link {
  readonly #machines = new Map<string, ServedMachine>();
  readonly #pending = new Map<number, (result: MachineOperationResult | AccountAnswer) => void>();
  #worker: Worker<ToLink, FromLink> | undefined;
  #heartbeat: Heartbeat | undefined;
  /** The process is there and does not answer. */
  #isSilent = false;
  #backoff: Backoff = { failures: 0, retryAt: 0 };
  #startedAt = 0;
  #restart: NodeJS.Timeout | undefined;
  #lastId = 0;
  #isClosed = false;
  #state: LinkState = { state: "connecting" };
  /** What the process itself has said last. */
  #told: LinkState = { state: "connecting" };

  constructor(private readonly options: LinkOptions) {
    this.#launch();
  }

  get state(): LinkState {
    return this.#state;
  }

  get account(): { readonly viserver: string; readonly username: string } {
    const { viserver, username } = this.options.configuration;
    return { viserver, username };
  }

  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  get machines(): ReadonlyMap<string, ServedMachine> {
    return this.#machines;
  }

  announceLogLevel(): void {
    this.#worker?.announceLogLevel();
  }

  /** From now on these VMs, and no others, are served. */
  serve(machines: readonly ServedMachine[]): void {
    const wanted = new Map(machines.map((machine) => [machine.vmName, machine]));
    const isServed = (machine: ServedMachine | undefined) =>
      machine !== undefined && JSON.stringify(this.#machines.get(machine.vmName)) === JSON.stringify(machine);
    const gone = [...this.#machines.keys()].filter((name) => !isServed(wanted.get(name)));
    const added = machines.filter((machine) => !isServed(machine));
    for (const name of gone) {
      this.#machines.delete(name);
    }
    for (const machine of added) {
      this.#machines.set(machine.vmName, machine);
    }
    if (gone.length > 0) {
      this.#worker?.send({ type: "withdraw", vmNames: gone });
    }
    if (added.length > 0) {
      this.#worker?.send({ type: "serve", machines: added });
    }
  }

  /** Asks the link; resolves always, a little after the deadline at the latest. */
  operate(vmName: string, operation: MachineOperation, deadline: Deadline): Promise<MachineOperationResult> {
    return this.#request<MachineOperationResult>(timeLeftMs(deadline), (id) => ({
      type: "operation",
      id,
      vmName,
      operation,
      deadline,
    }));
  }

  /** Asks what is no operation of a VM; resolves always, `timeoutMs` and a little later at the latest. */
  ask(question: AccountQuestion, timeoutMs: number): Promise<AccountAnswer> {
    return this.#request<AccountAnswer>(timeoutMs, (id) => ({ type: "question", id, question, timeoutMs }));
  }

  /** Ends the process (it logs out first); resolves when it has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    this.#heartbeat?.stop();
    await this.#worker?.stop({ type: "stop" });
  }

  #request<Result extends MachineOperationResult | AccountAnswer>(
    timeoutMs: number,
    toMessage: (id: number) => ToLink,
  ): Promise<Result> {
    const failure = (kind: "unavailable" | "timedOut", message: string) => ({ ok: false, kind, message }) as Result;
    const worker = this.#worker;
    if (worker === undefined) {
      return Promise.resolve(failure("unavailable", "the vCenter link is about to be restarted"));
    }
    if (this.#isSilent) {
      return Promise.resolve(failure("unavailable", silenceText));
    }
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const settle = (result: MachineOperationResult | AccountAnswer): void => {
        clearTimeout(bound);
        this.#pending.delete(id);
        resolve(result as Result);
      };
      const bound = setTimeout(() => {
        settle(failure("timedOut", `the vCenter link gave no answer within ${timeoutMs} ms`));
      }, timeoutMs + graceMs);
      this.#pending.set(id, settle);
      worker.send(toMessage(id));
    });
  }

  #launch(): void {
    const { configuration, entry, log, isMetered, version } = this.options;
    this.#startedAt = Date.now();
    try {
      this.#worker = new Worker<ToLink, FromLink>({
        entry,
        title: `vbmc-link: ${configuration.viserver}`,
        log,
        isMetered,
        servesMany: true,
        secrets: () => [configuration.password],
        onMessage: (message) => {
          this.#receive(message);
        },
        onExit: (reason) => {
          this.#exited(reason);
        },
      });
    } catch (error) {
      // Out of memory or descriptors.
      this.#exited(`could not be started: ${reasonOf(error)}`);
      return;
    }
    this.#told = { state: "connecting" };
    this.#worker.send({ type: "connect", configuration, version });
    this.#serveAll();
    this.#listenToHeartbeat(this.#worker);
  }

  #listenToHeartbeat(worker: Worker<ToLink, FromLink>): void {
    this.#heartbeat = startHeartbeat({
      ask: () => {
        worker.send({ type: "ping" });
      },
      onSilence: () => {
        this.#fallSilent();
      },
      onReturn: () => {
        this.#isSilent = false;
        this.#setState(this.#told);
        // Of VMs that it serves already it tells the state again.
        this.#serveAll();
      },
      onLoss: () => {
        const { viserver } = this.options.configuration;
        this.options.log.error({ viserver, pid: worker.pid }, "the vCenter link hangs: it is ended");
        worker.kill();
      },
    });
  }

  #serveAll(): void {
    if (this.#machines.size > 0) {
      this.#worker?.send({ type: "serve", machines: [...this.#machines.values()] });
    }
  }

  #receive(message: Exclude<FromLink, LogMessage>): void {
    this.#heartbeat?.heard();
    switch (message.type) {
      case "linkState":
        this.#told = message.linkState;
        this.#setState(message.linkState);
        break;
      case "machineReport":
        if (this.#machines.has(message.vmName)) {
          this.options.onReport(message.vmName, message.report);
        }
        break;
      case "machineEvent":
        if (this.#machines.has(message.vmName)) {
          this.options.onEvent(message.vmName, message.event);
        }
        break;
      case "operationResult":
        this.#pending.get(message.id)?.(message.result);
        break;
      case "answer":
        this.#pending.get(message.id)?.(message.answer);
        break;
      case "lingering":
        this.#worker?.letGo();
        break;
      case "counts":
        this.options.onCounts(message.counts);
        break;
    }
  }

  /** What it has told so far may be old, and nobody else can tell. */
  #fallSilent(): void {
    this.#isSilent = true;
    this.#lose(silenceText);
  }

  #exited(reason: string): void {
    this.#worker = undefined;
    this.#heartbeat?.stop();
    const message = `the vCenter link ${this.#isSilent ? "did not answer and was ended" : reason}`;
    this.#isSilent = false;
    for (const settle of [...this.#pending.values()]) {
      settle({ ok: false, kind: "unavailable", message });
    }
    if (this.#isClosed) {
      return;
    }
    const now = Date.now();
    this.#backoff = nextBackoff(this.#backoff.failures, this.#startedAt, now);
    const waitMs = this.#backoff.retryAt - now;
    this.options.log.error(
      { viserver: this.options.configuration.viserver, reason },
      `vCenter link failed, next try in ${waitMs / 1000} s`,
    );
    this.#lose(message);
    this.#restart = setTimeout(() => {
      this.#launch();
    }, waitMs);
  }

  #lose(reason: string): void {
    this.#setState({ state: "reconnecting", since: new Date().toISOString(), reason });
    for (const name of this.#machines.keys()) {
      this.options.onReport(name, { fresh: false, kind: "unavailable", reason });
    }
  }

  #setState(state: LinkState): void {
    this.#state = state;
    this.options.onState(state);
  }
}
