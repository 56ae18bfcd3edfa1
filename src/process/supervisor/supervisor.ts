/** Everything that the daemon supervises: BMCs in children, vCenter links, and the state of both. */
import { deadlineIn } from "../../base/async/deadline.js";
import type { Log } from "../../io/log/log.js";
import type { MediaSlot } from "../../model/machine/media.js";
import type { MachineOperation, MachineOperationResult } from "../../model/machine/operation.js";
import type { Config } from "../../settings/config/config.js";
import type { BmcStore } from "../../settings/store/bmcStore.js";
import type { EventBuffer } from "../events/eventBuffer.js";
import type { AccountAnswer, AccountQuestion } from "../ipc/question.js";
import type { LinkState, MachineReport } from "../ipc/reports.js";
import { type BmcWaits, createBmcWaits } from "./bmcWaits.js";
import { serveConsoles, type ServedConsoles } from "./console/serveConsoles.js";
import type { CounterTotals } from "./counterTotals.js";
import type { LinkRoute } from "./desiredBmc.js";
import { wireEvents } from "./eventWiring.js";
import { createFleet, type Fleet } from "./fleet.js";
import { createFleetComposer } from "./fleetComposer.js";
import type { RunningBmc } from "./fleetMembers.js";
import type { OpenLink } from "./links.js";
import type { PemPair } from "./pemPair.js";
import { createReconciler, type Reconciler } from "./reconcile.js";
import { createRelay, type Relay } from "./relay.js";
import { createServiceCertificate, redfishServices } from "./serviceCertificate.js";
import { serveWeb } from "./web/serveWeb.js";

export interface SupervisorOptions {
  readonly config: Config;
  readonly store: BmcStore;
  readonly log: Log;
  /** Our own version. */
  readonly version: string;
  /** Scripts of a BMC child and of a vCenter link. */
  readonly childEntry: URL;
  readonly linkEntry: URL;
  /** Script of the process that serves the page. */
  readonly webEntry: URL;
  /** Script of the console process. */
  readonly consoleEntry: URL;
  /** Time for a BMC to listen, ms. */
  readonly readyBoundMs: number;
  /** Creates a self-signed certificate for these host names and addresses. */
  readonly makeCertificate: (names: readonly string[]) => Promise<PemPair>;
}

export interface Supervisor extends BmcWaits, Pick<Reconciler, "reconcile" | "reconcileSoon" | "hold"> {
  readonly store: BmcStore;
  readonly config: Config;
  /** Applies settings that can change while BMCs run; those whose configuration changes are restarted. */
  readonly reconfigure: (config: Config) => void;
  /** What happened, for `vbmc events`. */
  readonly events: EventBuffer;
  /** Counts of BMCs and links; empty unless metrics are enabled. */
  readonly totals: CounterTotals;
  /** The BMCs that run or should run, by name. */
  readonly running: ReadonlyMap<string, RunningBmc>;
  /** SHA-256 fingerprint of the certificate of the Redfish services, with colons; undefined if there is none. */
  readonly redfishFingerprint: string | undefined;
  /** The vCenter accounts in use, and the number of calls to each. */
  readonly links: readonly (OpenLink & { readonly calls: ReadonlyMap<string, number> })[];
  /** State of the link that serves a BMC's VM; undefined if there is none. */
  readonly linkStateOf: (name: string) => LinkState | undefined;
  /** The last report on a BMC's VM; undefined if it is not served. */
  readonly reportOf: (name: string) => MachineReport | undefined;
  /** The last report on the drives of a BMC's VM; empty: unknown. */
  readonly mediaOf: (name: string) => readonly MediaSlot[];
  /** Runs an operation on the VM of a running BMC; never rejects. */
  readonly operate: (name: string, operation: MachineOperation, timeoutMs: number) => Promise<MachineOperationResult>;
  /** Asks a vSphere account a question that is not an operation; never rejects. */
  readonly ask: (
    account: Omit<LinkRoute, "machine">,
    question: AccountQuestion,
    timeoutMs: number,
  ) => Promise<AccountAnswer>;
  readonly consoles: ServedConsoles;
  /** Allows a failed BMC to be retried immediately, as users of `start` expect. */
  readonly clearBackoff: (name: string) => void;
  /** The accounts of the page have changed. */
  readonly renewAccounts: () => void;
  /** Ends all children and links; `active` in the files stays, so that the BMCs resume at the next start. */
  readonly close: () => Promise<void>;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { store, log, version, childEntry, linkEntry, webEntry, consoleEntry, readyBoundMs } = options;
  let { config } = options;
  let isClosed = false;
  const isMetered = config.metrics.listen !== undefined;

  const wiring = wireEvents(log, () => fleet);
  const { events, totals } = wiring;
  const composer = createFleetComposer(store, version, log);
  const fleet: Fleet = createFleet({
    entry: childEntry,
    log,
    bmcsPerProcess: config.bmcsPerProcess,
    isMetered,
    readyBoundMs,
    operate: (operation) => relay.operate(operation),
    openConsole: async ({ id, vmName, user, from }) => {
      const place = await consoles.open({ vmName, kind: "sol", user, from, isReadOnly: false, replayBytes: 0 });
      return { type: "consoleOpened", id, ...place };
    },
    reportOf: (name) => relay.reportOf(name),
    onChildReport: wiring.onChildReport,
    onAnswer: (answer) => web?.onAnswer(answer),
    onChange,
  });
  const { check, ...waits } = createBmcWaits({
    bmcOf: (name) => fleet.running.get(name),
    reportOf: (name) => relay.reportOf(name),
    isDesired: (name) => reconciler.desired.has(name),
  });
  const relay: Relay = createRelay({
    linkEntry,
    version,
    log,
    isMetered,
    ...wiring.ofLinks,
    onReport: (name, report) => {
      wiring.ofLinks.onReport(name, report);
      check();
      web?.changed();
      consoles.reported(name);
    },
  });
  const consoles = serveConsoles({
    config: () => config,
    entry: consoleEntry,
    log,
    events,
    reportOf: relay.reportOf,
    makeCertificate: options.makeCertificate,
    operate: relay.operate,
  });
  const certificate = createServiceCertificate({
    config: () => config,
    log,
    service: redfishServices,
    addresses: () => redfishAddresses(reconciler),
    make: options.makeCertificate,
    onChange: (message) => {
      fleet.useCertificate(message);
      web?.useCertificate(message);
    },
  });
  const reconciler: Reconciler = createReconciler({
    log,
    fleet,
    compose: (held) => composer.compose(config, held),
    onDesired: (desired) => {
      relay.route(new Map([...desired].map(([name, { route }]) => [name, route])));
      totals.keep((name) => desired.has(name));
      consoles.serve(desired);
      web?.changed();
    },
    start: ({ configuration, fingerprint }) => {
      if (configuration.redfish?.port !== undefined) {
        certificate.want();
      }
      fleet.start(configuration, fingerprint);
    },
  });

  const web = serveWeb({ config, entry: webEntry, log, store, events, fleet, relay, consoles });
  if (web) {
    certificate.want();
  }

  function onChange(name: string): void {
    check();
    const state = fleet.running.get(name)?.state;
    if (state !== "running") {
      totals.endSessions(name);
      web?.onStopped(name);
    }
    web?.changed();
    if (isClosed) {
      return;
    }
    wiring.bmcChanged(name);
    if (state === undefined && reconciler.desired.has(name)) {
      void reconciler.reconcileSoon();
    } else if (state === "error") {
      reconciler.scheduleRetry();
    }
  }

  return {
    ...waits,
    store,
    events,
    totals,
    get config() {
      return config;
    },
    reconfigure: (next) => {
      config = next;
      composer.forget();
      fleet.setBmcsPerProcess(next.bmcsPerProcess);
      fleet.announceLogLevel();
      relay.announceLogLevel();
      web?.announceLogLevel();
      web?.renewAccounts();
      consoles.announceLogLevel();
      consoles.renewCertificate();
      certificate.renew();
      reconciler.reconcile();
    },
    running: fleet.running,
    get redfishFingerprint() {
      return certificate.fingerprint;
    },
    get links() {
      return relay.links.map((link) => ({ ...link, calls: totals.link(link.key) }));
    },
    linkStateOf: relay.linkStateOf,
    reportOf: relay.reportOf,
    mediaOf: relay.mediaOf,
    operate: (vmName, operation, timeoutMs) => relay.operate({ vmName, operation, deadline: deadlineIn(timeoutMs) }),
    ask: relay.ask,
    consoles,
    reconcile: reconciler.reconcile,
    reconcileSoon: reconciler.reconcileSoon,
    hold: reconciler.hold,
    clearBackoff: fleet.clearBackoff,
    renewAccounts: () => web?.renewAccounts(),
    close: async () => {
      isClosed = true;
      reconciler.close();
      await Promise.all([web?.close(), consoles.close(), fleet.close(), relay.close()]);
    },
  };
}

function redfishAddresses({ desired }: Reconciler): string[] {
  return [...desired.values()].flatMap(({ configuration }) =>
    configuration.redfish?.port === undefined ? [] : configuration.address,
  );
}
