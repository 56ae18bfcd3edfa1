/** Composes what the page needs of the supervisor; undefined where `[web] listen` is not set. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";

import { deadlineIn } from "../../../base/async/deadline.js";
import { reasonOf } from "../../../base/errors.js";
import type { Log } from "../../../io/log/log.js";
import { readAccounts } from "../../../settings/accounts/accountsFile.js";
import type { Config } from "../../../settings/config/config.js";
import type { BmcStore } from "../../../settings/store/bmcStore.js";
import type { EventBuffer, RecordedEvent } from "../../events/eventBuffer.js";
import type { WebConfiguration } from "../../ipc/web.js";
import type { ServedConsoles } from "../console/serveConsoles.js";
import type { Fleet } from "../fleet.js";
import type { Relay } from "../relay.js";
import { statusOf } from "../status.js";
import type { SummarisedBmc } from "./summaries.js";
import { createWeb, type Web } from "./web.js";

export interface ServeWebOptions {
  readonly config: Config;
  readonly entry: URL;
  readonly log: Log;
  readonly store: BmcStore;
  readonly events: EventBuffer;
  readonly fleet: Fleet;
  readonly relay: Relay;
  readonly consoles: ServedConsoles;
}

export interface ServedWeb extends Web {
  /** Reads the accounts again. */
  readonly renewAccounts: () => void;
}

const screenTimeoutMs = 20_000;
/** As long as the web process waits for the last byte of an image. */
const uploadTimeoutMs = 12 * 60 * 60 * 1_000;

/** How much of a VM's earlier output a new client gets, bytes. */
const replayBytes = 64 * 1_024;

export function serveWeb(options: ServeWebOptions): ServedWeb | undefined {
  const { config, entry, log, events, fleet, relay, consoles } = options;
  const { listen, ...limits } = config.web;
  if (listen === undefined) {
    return undefined;
  }
  const configuration: WebConfiguration = { ...listen, ...limits, uuid: serviceUuid(config.configDir) };
  const web = createWeb({
    entry,
    log,
    configuration,
    events,
    ask: fleet.ask,
    bmcs: (lastEventOf) => summarised(options, lastEventOf),
    insertUpload: ({ vmName, slot, fileName: image, socketPath: uploadSocket }) => {
      const insertion = { slot, image, username: null, password: null, verifyCertificate: null, uploadSocket };
      const deadline = deadlineIn(uploadTimeoutMs);
      return relay.operate({ vmName, operation: { name: "insertMedia", ...insertion }, deadline });
    },
    readScreen: (vmName) =>
      relay.operate({ vmName, operation: { name: "readScreen" }, deadline: deadlineIn(screenTimeoutMs) }),
    openConsole: (request) => consoles.open({ ...request, kind: "page", replayBytes }),
    onLoginFailed: (source) => events.add({ kind: "login", name: "", source, text: "login to the page refused" }),
  });

  function renewAccounts(): void {
    try {
      web.useAccounts(readAccounts(config.configDir));
    } catch (error) {
      log.error({ reason: reasonOf(error) }, "the accounts of the page cannot be read; the previous ones stay valid");
    }
  }

  renewAccounts();
  return { ...web, renewAccounts };
}

/** Throws when config_dir cannot be read. */
function summarised(
  { store, fleet, relay, consoles }: ServeWebOptions,
  lastEventOf: (name: string) => RecordedEvent | undefined,
): SummarisedBmc[] {
  return [...store.list()].map(([name, entry]) => ({
    name,
    status: statusOf(name, entry, fleet),
    ...("bmc" in entry && { stored: entry.bmc }),
    report: relay.reportOf(name),
    media: relay.mediaOf(name),
    console: consoles.modeOf(name) && { isConnected: consoles.stateOf(name)?.connectedSince !== undefined },
    lastEvent: lastEventOf(name),
  }));
}

/** The same after each start: a name-based UUID (RFC 9562 §5.5) of this host and config_dir. */
function serviceUuid(configDir: string): string {
  const digest = createHash("sha1").update(`vbmc4vsphere ${hostname()} ${configDir}`).digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString("hex", 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
