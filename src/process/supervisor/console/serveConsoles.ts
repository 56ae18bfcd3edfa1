/** Composes what consoles need of the supervisor. */
import { defined } from "../../../base/defined.js";
import type { Log } from "../../../io/log/log.js";
import type { Config } from "../../../settings/config/config.js";
import type { EventBuffer } from "../../events/eventBuffer.js";
import type { ServedConsole } from "../../ipc/console.js";
import type { MachineReport } from "../../ipc/reports.js";
import type { DesiredBmc } from "../desiredBmc.js";
import type { PemPair } from "../pemPair.js";
import type { Relay } from "../relay.js";
import { consoleConnections, createServiceCertificate } from "../serviceCertificate.js";
import { type ProxyUri, proxyUriOf } from "./consoleMode.js";
import { type Consoles, createConsoles, type WantedConsole } from "./consoles.js";
import { keepConnected } from "./keepConnected.js";

export interface ServeConsolesOptions {
  readonly config: () => Config;
  readonly entry: URL;
  readonly log: Log;
  readonly events: EventBuffer;
  readonly reportOf: (name: string) => MachineReport | undefined;
  readonly makeCertificate: (names: readonly string[]) => Promise<PemPair>;
  readonly operate: Relay["operate"];
}

export interface ServedConsoles extends Omit<Consoles, "serve" | "useCertificate"> {
  readonly serve: (desired: ReadonlyMap<string, DesiredBmc>) => void;
  /** What VMs need to connect to the concentrator. */
  readonly proxyUri: (isEncrypted: boolean) => ProxyUri;
  /** Reads the certificate again. */
  readonly renewCertificate: () => void;
}

export function serveConsoles(options: ServeConsolesOptions): ServedConsoles {
  const { config, entry, log, events, reportOf } = options;
  const certificate = createServiceCertificate({
    config,
    log,
    service: consoleConnections,
    addresses: () => [config().console.address, config().console.listen?.address].filter((each) => each !== undefined),
    make: options.makeCertificate,
    onChange: (message) => consoles.useCertificate(message),
  });
  const consoles = createConsoles({
    entry,
    config: config(),
    log,
    uuidsOf: (name) => uuidsOf(reportOf(name)),
    wantCertificate: () => setImmediate(certificate.want),
    onEvent: ({ vmName, text, source, user }) =>
      events.add(
        defined({ kind: "console", name: vmName, text, user, source: user === undefined ? undefined : source }),
      ),
  });
  let names: readonly string[] = [];
  const stop = config().console.listen && keepConnected({ ...options, consoles, names: () => names });
  return {
    ...consoles,
    close: () => {
      stop?.();
      return consoles.close();
    },
    get fault() {
      return consoles.fault;
    },
    get pid() {
      return consoles.pid;
    },
    serve: (desired) => {
      const wanted = wantedOf(desired);
      names = [...wanted.keys()];
      consoles.serve(wanted);
    },
    proxyUri: (isEncrypted) => {
      if (!isEncrypted) {
        return proxyUriOf(config(), undefined);
      }
      const { sha1 } = certificate;
      return sha1 === undefined
        ? { fault: "the concentrator has no certificate yet: see the daemon's log, or use --clear-text" }
        : proxyUriOf(config(), sha1);
    },
    renewCertificate: certificate.renew,
  };
}

function wantedOf(desired: ReadonlyMap<string, DesiredBmc>): ReadonlyMap<string, WantedConsole> {
  return new Map(
    [...desired].flatMap(([name, { console: mode, configuration }]) =>
      mode === undefined ? [] : [[name, { mode, folder: configuration.directory }] as const],
    ),
  );
}

function uuidsOf(report: MachineReport | undefined): Pick<ServedConsole, "instanceUuid" | "biosUuid"> {
  if (report?.fresh !== true) {
    return {};
  }
  const { instanceUuid, biosUuid } = report.snapshot;
  return defined({ instanceUuid, biosUuid });
}
