/** The parts of a supervisor, and what each tells the others. */
import type { Log } from "../../io/log/log.js";
import type { Config } from "../../settings/config/config.js";
import type { BmcStore } from "../../settings/store/bmcStore.js";
import { type BmcWaits, createBmcWaits } from "./bmcWaits.js";
import { serveConsoles, type ServedConsoles } from "./console/serveConsoles.js";
import { type EventWiring, wireEvents } from "./eventWiring.js";
import { createFleet, type Fleet } from "./fleet.js";
import { createFleetComposer, type FleetComposer } from "./fleetComposer.js";
import type { PemPair } from "./pemPair.js";
import { createReconciler, type Reconciler } from "./reconcile.js";
import { createRelay, type Relay } from "./relay.js";
import { createServiceCertificate, type KeptCertificate, redfishServices } from "./serviceCertificate.js";
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
  readonly readyTimeoutMs: number;
  /** Creates a self-signed certificate for these host names and addresses. */
  readonly makeCertificate: (names: readonly string[]) => Promise<PemPair>;
}

export interface SupervisorParts {
  readonly wiring: EventWiring;
  readonly composer: FleetComposer;
  readonly fleet: Fleet;
  readonly relay: Relay;
  readonly consoles: ServedConsoles;
  readonly certificate: KeptCertificate;
  readonly reconciler: Reconciler;
  /** Undefined where it is not configured. */
  readonly web: ReturnType<typeof serveWeb>;
  readonly waits: BmcWaits;
}

/** @param isClosed all is being ended: nothing starts any more */
export function createSupervisorParts(
  options: SupervisorOptions,
  config: () => Config,
  isClosed: () => boolean,
): SupervisorParts {
  const { store, log, version, childEntry, linkEntry, webEntry, consoleEntry, readyTimeoutMs } = options;
  const { bmcsPerProcess, metrics } = config();
  const isMetered = metrics.listen !== undefined;

  const wiring = wireEvents(log, () => fleet);
  const { events, totals } = wiring;
  const composer = createFleetComposer(store, version, log);
  const fleet: Fleet = createFleet({
    entry: childEntry,
    log,
    bmcsPerProcess,
    isMetered,
    readyTimeoutMs,
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
  const { check, checkAll, ...waits } = createBmcWaits({
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
      check(name);
      web?.changed();
      consoles.reported(name);
    },
  });
  const consoles = serveConsoles({
    config,
    entry: consoleEntry,
    log,
    events,
    reportOf: relay.reportOf,
    makeCertificate: options.makeCertificate,
    operate: relay.operate,
  });
  const certificate = createServiceCertificate({
    config,
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
    compose: (held) => composer.compose(config(), held),
    onDesired: (desired) => {
      relay.route(new Map([...desired].map(([name, { route }]) => [name, route])));
      totals.keep((name) => desired.has(name));
      consoles.serve(desired);
      checkAll();
      web?.changed();
    },
    start: ({ configuration, fingerprint }) => {
      if (configuration.redfish?.port !== undefined) {
        certificate.want();
      }
      fleet.start(configuration, fingerprint);
    },
  });

  const web = serveWeb({ config: config(), entry: webEntry, log, store, events, fleet, relay, consoles });
  if (web) {
    certificate.want();
  }

  function onChange(name: string): void {
    check(name);
    const state = fleet.running.get(name)?.state;
    if (state !== "running") {
      totals.endSessions(name);
      web?.onStopped(name);
    }
    web?.changed();
    if (isClosed()) {
      return;
    }
    wiring.bmcChanged(name);
    if (state === undefined && reconciler.desired.has(name)) {
      void reconciler.reconcileSoon();
    } else if (state === "error") {
      reconciler.scheduleRetry();
    }
  }

  return { wiring, composer, fleet, relay, consoles, certificate, reconciler, web, waits };
}

function redfishAddresses({ desired }: Reconciler): string[] {
  return [...desired.values()].flatMap(({ configuration }) =>
    configuration.redfish?.port === undefined ? [] : configuration.address,
  );
}
