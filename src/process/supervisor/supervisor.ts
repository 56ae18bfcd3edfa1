import { createWaits } from "../../base/async/waitUntil.js";
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../io/log/log.js";
import type { AccountAnswer, AccountQuestion } from "../../model/machine/question.js";
import type { Config } from "../../settings/config/config.js";
import type { BmcStore } from "../../settings/store/bmcStore.js";
import { Chronicle } from "../events/chronicle.js";
import { EventRing } from "../events/eventRing.js";
import { QuestionWatch } from "../events/questionWatch.js";
import type { LinkState, MachineReport } from "../ipc/reports.js";
import type { DesiredBmc, LinkRoute } from "./desiredBmc.js";
import { Fleet, type RunningBmc } from "./fleet.js";
import { FleetComposer } from "./fleetComposer.js";
import type { PemPair } from "./pemPair.js";
import { plan } from "./plan.js";
import { RedfishCertificate } from "./redfishCertificate.js";
import { type OpenLink, Relay } from "./relay.js";
import { Tally } from "./tally.js";

/** So that an edited file, or a swapped link to one, is served within 3 s. */
const reconcileEveryMs = 2500;

export interface SupervisorOptions {
  readonly config: Config;
  readonly store: BmcStore;
  readonly log: Log;
  /** Our own version. */
  readonly version: string;
  /** Scripts of a BMC child and of a vCenter link. */
  readonly childEntry: URL;
  readonly linkEntry: URL;
  /** How long a BMC may take until it listens, ms. */
  readonly readyBoundMs: number;
  /** Makes a self-signed certificate for these host names and addresses. */
  readonly makeCertificate: (names: readonly string[]) => Promise<PemPair>;
}

/** Makes what runs what the files say: every 2.5 s, after each command, and when a failed BMC is due. */
export class Supervisor {
  readonly #fleet: Fleet;
  readonly #relay: Relay;
  /** What happened, for `vbmc events`. */
  readonly events = new EventRing();
  /** What BMCs and links have counted; empty unless metrics are wanted. */
  readonly tally = new Tally();
  readonly #chronicle = new Chronicle(this.events);
  readonly #questions: QuestionWatch;
  readonly #waits = createWaits();
  readonly #interval: NodeJS.Timeout;
  #retry: NodeJS.Timeout | undefined;
  #soon: Promise<void> | undefined;
  readonly #composer: FleetComposer;
  readonly #certificate: RedfishCertificate;
  #desired: ReadonlyMap<string, DesiredBmc> = new Map();
  /** BMCs that must not run while something is done to their folders. */
  readonly #held = new Set<string>();
  #config: Config;
  #isClosed = false;

  constructor(private readonly options: SupervisorOptions) {
    const { log, childEntry, linkEntry, readyBoundMs } = options;
    this.#config = options.config;
    this.#questions = new QuestionWatch(this.events, log);
    const isMetered = options.config.metrics.listen !== undefined;
    this.#composer = new FleetComposer(options.store, options.version, log);
    this.#fleet = new Fleet({
      entry: childEntry,
      log,
      bmcsPerProcess: options.config.bmcsPerProcess,
      isMetered,
      readyBoundMs,
      operate: (operation) => this.#relay.operate(operation),
      reportOf: (name) => this.#relay.reportOf(name),
      onNews: (news) => {
        if (news.type === "event") {
          this.#chronicle.commanded(news.vmName, news.event);
        } else {
          this.tally.addBmc(news.vmName, news.counts, news.sessions);
        }
      },
      onChange: (name) => {
        this.#onChange(name);
      },
    });
    this.#certificate = new RedfishCertificate({
      config: () => this.#config,
      log,
      addresses: () =>
        [...this.#desired.values()].flatMap(({ configuration }) =>
          configuration.redfish ? configuration.address : [],
        ),
      make: options.makeCertificate,
      onChange: (message) => {
        this.#fleet.certificate = message;
      },
    });
    this.#relay = new Relay({
      linkEntry,
      version: options.version,
      log,
      isMetered,
      onLinkState: (viserver, username, state) => {
        this.#chronicle.linkChanged(viserver, username, state);
      },
      onCounts: (key, counts) => {
        this.tally.addLink(key, counts);
      },
      onReport: (name, report) => {
        this.#chronicle.vmReported(name, report, this.#fleet.running.get(name)?.state === "running");
        this.#questions.reported(name, report);
        this.#fleet.report(name, report);
        this.#waits.check();
      },
      onEvent: (name, event) => {
        this.#chronicle.vmEvent(name, event);
        this.#fleet.passOn(name, event);
      },
    });
    this.#interval = setInterval(() => {
      this.reconcile();
    }, reconcileEveryMs);
  }

  get store(): BmcStore {
    return this.options.store;
  }

  get config(): Config {
    return this.#config;
  }

  /** Takes over what may change while BMCs run; those whose configuration changes are restarted. */
  set config(config: Config) {
    this.#config = config;
    this.#composer.forget();
    this.#fleet.bmcsPerProcess = config.bmcsPerProcess;
    this.#fleet.announceLogLevel();
    this.#relay.announceLogLevel();
    this.#certificate.renew();
    this.reconcile();
  }

  /** What runs, or should, by name. */
  get running(): ReadonlyMap<string, RunningBmc> {
    return this.#fleet.running;
  }

  /** SHA-256 fingerprint of the certificate that Redfish services show, with colons; undefined while there is none. */
  get redfishFingerprint(): string | undefined {
    return this.#certificate.fingerprint;
  }

  /** State of the link that answers for a BMC's VM; undefined when it has none. */
  linkStateOf(name: string): LinkState | undefined {
    return this.#relay.linkStateOf(name);
  }

  /** The vCenter accounts in use, and the calls that were made with each. */
  get links(): readonly (OpenLink & { readonly calls: ReadonlyMap<string, number> })[] {
    return this.#relay.links.map((link) => ({ ...link, calls: this.tally.link(link.key) }));
  }

  /** What is known of a BMC's VM; undefined when it is not served. */
  reportOf(name: string): MachineReport | undefined {
    return this.#relay.reportOf(name);
  }

  /** Asks a vSphere account something that is about none of its operations; never rejects. */
  ask(account: Omit<LinkRoute, "machine">, question: AccountQuestion, timeoutMs: number): Promise<AccountAnswer> {
    return this.#relay.ask(account, question, timeoutMs);
  }

  /** Looks at the files and begins whatever is to be done; never throws. */
  reconcile(): void {
    if (this.#isClosed) {
      return;
    }
    try {
      this.#desired = this.#composer.compose(this.#config, this.#held);
    } catch (error) {
      this.options.log.error({ reason: reasonOf(error) }, "config_dir cannot be read");
      return;
    }
    const fingerprints = new Map([...this.#desired].map(([name, { fingerprint }]) => [name, fingerprint]));
    this.#relay.route(new Map([...this.#desired].map(([name, { route }]) => [name, route])));
    for (const { type, name } of plan(fingerprints, this.#fleet.running, Date.now())) {
      // A restart is a stop: once that is done, the next reconcile starts the BMC anew.
      if (type === "start") {
        this.#start(name);
      } else {
        void this.#fleet.stop(name);
      }
    }
    this.#scheduleRetry();
    this.tally.keep((name) => this.#desired.has(name));
  }

  /** Reconciles once for all who ask in this turn of the event loop. */
  soon(): Promise<void> {
    this.#soon ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#soon = undefined;
        this.reconcile();
        resolve();
      });
    });
    return this.#soon;
  }

  /** Lets a failed BMC be tried at once, as whoever says `start` expects. */
  forgive(name: string): void {
    this.#fleet.forgive(name);
  }

  /** Resolves when the BMC listens or cannot, when the last look at the files did not want it, or after `boundMs`. */
  async whenUp(name: string, boundMs: number): Promise<void> {
    const isSettled = (bmc: RunningBmc | undefined) => bmc?.state === "running" || bmc?.state === "error";
    await this.#when(name, (bmc) => isSettled(bmc) || !this.#desired.has(name), boundMs);
  }

  /** Resolves when the state of the BMC's VM is known, or why it cannot be, or after `boundMs`. */
  async whenKnown(name: string, boundMs: number): Promise<void> {
    // "busy" is no last word: the connection is being opened, or the VM looked for.
    const isKnown = (report: MachineReport | undefined) =>
      report?.fresh === true || (report?.kind ?? "busy") !== "busy";
    await this.#when(name, (bmc) => bmc?.state !== "running" || isKnown(this.reportOf(name)), boundMs);
  }

  /** Resolves when the BMC's port is free, or after `boundMs`. */
  async whenDown(name: string, boundMs: number): Promise<void> {
    await this.#when(name, (bmc) => bmc === undefined || bmc.state === "starting", boundMs);
  }

  /** Ends a BMC whatever its file says, until the returned function is called. */
  async hold(name: string): Promise<() => void> {
    this.#held.add(name);
    await this.soon();
    return () => {
      this.#held.delete(name);
      void this.soon();
    };
  }

  /** Ends all children and links; `active` in the files stays, so that they resume at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#interval);
    clearTimeout(this.#retry);
    await Promise.all([this.#fleet.close(), this.#relay.close()]);
  }

  async #when(name: string, isSo: (bmc: RunningBmc | undefined) => boolean, boundMs: number): Promise<void> {
    await this.#waits.until(() => isSo(this.#fleet.running.get(name)), boundMs);
  }

  #start(name: string): void {
    const desired = this.#desired.get(name);
    if (desired?.configuration.redfish !== undefined) {
      this.#certificate.want();
    }
    if (desired !== undefined) {
      this.#fleet.start(desired.configuration, desired.fingerprint);
    }
  }

  #onChange(name: string): void {
    this.#waits.check();
    const bmc = this.#fleet.running.get(name);
    if (bmc?.state !== "running") {
      this.tally.endSessions(name);
    }
    if (!this.#isClosed) {
      this.#chronicle.bmcChanged(name, bmc);
    }
    if (this.#isClosed) {
      return;
    }
    const state = bmc?.state;
    if (state === undefined && this.#desired.has(name)) {
      void this.soon();
    } else if (state === "error") {
      this.#scheduleRetry();
    }
  }

  #scheduleRetry(): void {
    clearTimeout(this.#retry);
    const at = this.#fleet.nextRetryAt;
    if (at === Infinity) {
      return;
    }
    this.#retry = setTimeout(
      () => {
        this.reconcile();
      },
      Math.max(0, at - Date.now()),
    );
  }
}
