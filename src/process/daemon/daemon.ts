/** Starts and stops everything that makes up the daemon. */
import path from "node:path";
import { isDeepStrictEqual } from "node:util";

import { isErrno } from "../../base/errors.js";
import { controlKeysRemedy, KeysUnavailableError } from "../../control/keys.js";
import { type ControlServer, type ServerAuth, startControlServer } from "../../control/server.js";
import { ensureFolder } from "../../io/files/ensureFolder.js";
import { fileFault, isFull } from "../../io/files/errno.js";
import { StrangeFileError } from "../../io/files/regularFile.js";
import { setAside } from "../../io/files/setAside.js";
import type { HttpServer } from "../../io/http/server.js";
import type { Log } from "../../io/log/log.js";
import { buildLine } from "../../io/version/version.js";
import type { Config } from "../../settings/config/config.js";
import { createBmcStore } from "../../settings/store/bmcStore.js";
import { createHandlers } from "../handlers/index.js";
import { logged } from "../handlers/logged.js";
import { shardFault } from "../supervisor/shard.js";
import { createSupervisor, type Supervisor } from "../supervisor/supervisor.js";
import { metricsSource } from "./metricsSource.js";
import { claimPidFile, StillRunningError } from "./pidFile.js";

/** Minimum time for a BMC to listen on a host that is busy starting others, ms. */
const minReadyTimeoutMs = 10_000;

export interface DaemonSettings {
  readonly config: Config;
  readonly log: Log;
  /** Our own version. */
  readonly version: string;
}

export interface RunningDaemon {
  /** Applies a configuration that was read again. */
  readonly reconfigure: (config: Config) => void;
  /** Ends children, links and control socket, and removes the pid file. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the whole daemon: pid file, control socket, supervisor. Resolves once the control socket is bound.
 * @throws Error with one line with the reason; everything is cleaned up then
 */
export async function startDaemon({ config, log, version }: DaemonSettings): Promise<RunningDaemon> {
  const releasePidFile = holdPidFile(config.pidFile, log);
  let supervisor: Supervisor | undefined;
  let control: ControlEnd | undefined;
  try {
    const store = createBmcStore(
      config.configDir,
      (warning) => {
        log.warn(warning);
      },
      (name) => shardFault(name, config.shard),
    );
    store.prepare();
    supervisor = createSupervisor({
      config,
      store,
      log,
      version,
      childEntry: new URL("../child/main.js", import.meta.url),
      linkEntry: new URL("../link/main.js", import.meta.url),
      webEntry: new URL("../web/main.js", import.meta.url),
      consoleEntry: new URL("../console/main.js", import.meta.url),
      readyTimeoutMs: Math.max(config.serverSpawnWaitMs, minReadyTimeoutMs),
      makeCertificate: async (names) => (await import("./selfSigned.js")).makeSelfSigned(names),
    });
    control = await listenAsSoonAsPossible(config, log, supervisor);
    const metrics = await serveMetrics(config, log, supervisor, version);
    const { port } = control;
    log.info({ pid: process.pid, port, configDir: config.configDir, build: buildLine() }, `vbmcd ${version} started`);
    supervisor.events.add({ kind: "daemon", name: "", text: `vbmcd ${version} started` });
    supervisor.reconcile();
    return running({ supervisor, control, metrics, log, releasePidFile });
  } catch (error) {
    control?.close();
    await supervisor?.close();
    releasePidFile();
    throw error;
  }
}

/** Without a pid file BMCs are served anyway: a second daemon detects that the control port is in use. */
function holdPidFile(file: string, log: Log): () => void {
  try {
    ensureFolder(path.dirname(file));
    return ignoringFaults(claimPidFile(file));
  } catch (error) {
    if (error instanceof StillRunningError) {
      throw error;
    }
    const isStrange = error instanceof StrangeFileError || isErrno(error, "ELOOP", "ENOENT");
    if (isStrange && setAside(file) === undefined) {
      log.warn(`${file}: ${fileFault(error)}: the file was renamed`);
      return holdPidFile(file, log);
    }
    // An invalid path must be corrected by its owner.
    if (!isFull(error) && !isErrno(error, "EROFS", "EACCES", "EPERM", "EIO")) {
      throw new Error(`${file}: ${fileFault(error)}`);
    }
    log.warn(`${file}: ${fileFault(error)}: no pid file has been written; set pid_file to a writable path`);
    return () => undefined;
  }
}

/** If the folder has become read-only the pid file stays; the next daemon sees that its process has ended. */
function ignoringFaults(release: () => void): () => void {
  return () => {
    try {
      release();
    } catch {
      // Logged above.
    }
  };
}

/** The control socket, or the wait until it can be opened. */
interface ControlEnd {
  /** undefined while there is none. */
  readonly port: number | undefined;
  readonly close: () => void;
}

const keysRetryMs = 3_000;

/** If no keys can be stored, BMCs are served without a control socket until they can. */
async function listenAsSoonAsPossible(config: Config, log: Log, supervisor: Supervisor): Promise<ControlEnd> {
  try {
    return await listen(config, log, supervisor);
  } catch (error) {
    if (!(error instanceof KeysUnavailableError)) {
      throw error;
    }
    log.error(`${error.message}: vbmc cannot talk to this vbmcd; ${controlKeysRemedy}`);
    return retryListening(config, log, supervisor);
  }
}

function retryListening(config: Config, log: Log, supervisor: Supervisor): ControlEnd {
  let server: ControlServer | undefined;
  const attempt = async (): Promise<void> => {
    try {
      server = await listen(config, log, supervisor);
      clearInterval(timer);
      log.info({ port: server.port }, "vbmc can talk to this vbmcd now");
    } catch (error) {
      log.debug({ reason: String(error) }, "still no control socket");
    }
  };
  const timer = setInterval(() => void attempt(), keysRetryMs);
  return {
    get port() {
      return server?.port;
    },
    close: () => {
      clearInterval(timer);
      server?.close();
    },
  };
}

function listen(config: Config, log: Log, supervisor: Supervisor): Promise<ControlServer> {
  const auth: ServerAuth =
    config.serverAuth === "none" ? { mode: "none" } : { mode: "curve", keyDirectory: config.configDir };
  return startControlServer({
    port: config.serverPort,
    auth,
    handle: logged(createHandlers(supervisor), log),
    log: (level, message, fields = {}) => {
      log[level](fields, message);
    },
  });
}

/** Loads the metrics server only if it is configured. */
async function serveMetrics(
  { metrics: { listen } }: Config,
  log: Log,
  supervisor: Supervisor,
  version: string,
): Promise<HttpServer | undefined> {
  if (listen === undefined) {
    return undefined;
  }
  const { startMetricsServer } = await import("../../io/metrics/server.js");
  const server = await startMetricsServer(listen, metricsSource(supervisor, version));
  log.info({ address: listen.address, port: server.port }, "metrics are served");
  return server;
}

/** What stays as it was at the start, and its name in virtualbmc.conf. */
const fixedKeys = {
  configDir: "config_dir",
  pidFile: "pid_file",
  serverPort: "server_port",
  serverAuth: "server_auth",
  shard: "shard",
  metrics: "[metrics]",
  web: "[web]",
  console: "[console]",
} as const satisfies Partial<Record<keyof Config, string>>;

interface DaemonParts {
  readonly supervisor: Supervisor;
  readonly control: ControlEnd;
  readonly metrics: HttpServer | undefined;
  readonly log: Log;
  readonly releasePidFile: () => void;
}

function running({ supervisor, control, metrics, log, releasePidFile }: DaemonParts): RunningDaemon {
  return {
    reconfigure: (config) => {
      const keys = Object.keys(fixedKeys) as (keyof typeof fixedKeys)[];
      const changed = keys.filter((key) => !isDeepStrictEqual(config[key], supervisor.config[key]));
      if (changed.length > 0) {
        const words = changed.map((key) => fixedKeys[key]).join(", ");
        log.warn(`virtualbmc.conf has changes that need a restart of vbmcd: ${words}; all others are applied`);
      }
      const fixed = Object.fromEntries(keys.map((key) => [key, supervisor.config[key]]));
      supervisor.reconfigure({ ...config, ...fixed });
    },
    close: async () => {
      control.close();
      await Promise.all([metrics?.close(), supervisor.close()]);
      releasePidFile();
    },
  };
}
