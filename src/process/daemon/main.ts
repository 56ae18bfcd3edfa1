/** `vbmcd`: handles its options, and runs the daemon until it gets a signal. */
import { reasonOf } from "../../base/errors.js";
import { type OpenLog, openLog } from "../../io/log/log.js";
import { buildLine, ownVersion } from "../../io/version/version.js";
import { type Config, ConfigError } from "../../settings/config/config.js";
import { formatConfig } from "../../settings/config/formatConfig.js";
import { homeFolder } from "../../settings/config/home.js";
import { loadConfig } from "../../settings/config/loadConfig.js";
import { otherPlacesWarnings } from "../../settings/config/otherPlaces.js";
import { type Places, placesOf } from "../../settings/config/places.js";
import { keepHeapSmall } from "../ipc/smallHeap.js";
import { configWarnings } from "../supervisor/securityWarnings.js";
import { detachFromTerminal, isInBackground, reportStart, startInBackground } from "./background.js";
import { type RunningDaemon, startDaemon } from "./daemon.js";
import { type DaemonOptions, helpOf, parseOptions, usageOf } from "./options.js";
import { notifyReady } from "./serviceManager.js";

/** Longer than children and links may take to end, ms. */
const endTimeoutMs = 8_000;

/**
 * @param program the name that it was called by: `vbmcd` or `vsbmcd`
 * @returns the exit code: 0, 1 for a failed start, 2 for a usage error
 */
export async function main(argv: readonly string[], program = "vbmcd"): Promise<number> {
  const places = placesOf(program);
  let options: DaemonOptions;
  try {
    options = parseOptions(argv);
  } catch (error) {
    process.stderr.write(`${usageOf(program)}\n${program}: error: ${reasonOf(error)}\n`);
    return 2;
  }
  if (options.help) {
    return print(helpOf(program));
  }
  if (options.version) {
    return print(`${ownVersion()}\n${buildLine()}\n`);
  }
  try {
    const config = readConfig(places);
    for (const warning of config.warnings) {
      process.stderr.write(`${program}: warning: ${warning}\n`);
    }
    if (options.checkConfig) {
      return print(formatConfig(config));
    }
    if (options.foreground) {
      return await runInForeground(config, places);
    }
    const fault = await startInBackground(argv);
    if (fault !== undefined) {
      throw new Error(fault);
    }
    return 0;
  } catch (error) {
    const reason = reasonOf(error);
    process.stderr.write(`${reason}\n`);
    reportStart({ type: "failed", reason });
    return 1;
  }
}

/** Warns about files in the places that belong to the program's other name. */
function readConfig(places: Places): Config {
  const home = homeFolder();
  const config = loadConfig(process.env, home, places);
  return { ...config, warnings: [...config.warnings, ...otherPlacesWarnings(config, places, process.env, home)] };
}

async function runInForeground(config: Config, places: Places): Promise<number> {
  process.umask(0o077);
  process.title = places.daemon;
  if (isInBackground()) {
    detachFromTerminal();
  }
  keepHeapSmall();
  const ended = nextSignal("SIGTERM", "SIGINT");
  void ended.then(endInAnyCase);
  const openedLog = openLog(config.log);
  const { log, flush } = openedLog;
  const daemon = await startDaemon({ config, log, version: ownVersion() });
  for (const warning of [...config.warnings, ...configWarnings(config)]) {
    log.warn(warning);
  }
  process.on("SIGHUP", () => {
    reload(daemon, openedLog, places);
  });
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "vbmcd ends because of an internal error");
    flush();
    // Children end by themselves when their parent has ended.
    process.exit(1);
  });
  reportStart({ type: "listening" });
  const notifyError = await notifyReady(process.env);
  if (notifyError !== undefined) {
    log.warn(notifyError);
  }
  const signal = await ended;
  log.info({ signal }, "vbmcd ends");
  await daemon.close();
  flush();
  // Node waits for the reader of a socket, as spawn() and systemd provide for stderr, even if there is none any longer.
  if (process.stderr.writableLength > 0) {
    process.exit(0);
  }
  return 0;
}

/** SIGHUP: reopens the log and applies changes of virtualbmc.conf; an invalid file changes nothing. */
function reload(daemon: RunningDaemon, { log, reopen }: OpenLog, places: Places): void {
  const fault = reopen();
  if (fault !== undefined) {
    log.error(fault);
  }
  try {
    const config = readConfig(places);
    for (const warning of [...config.warnings, ...configWarnings(config)]) {
      log.warn(warning);
    }
    log.level = config.log.debug ? "debug" : "info";
    daemon.reconfigure(config);
    log.info("configuration read again");
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    log.error({ reason: error.message }, "the configuration was not applied");
  }
}

/**
 * For anything that keeps the daemon from ending, such as an unresponsive disk or file system. Children end with it.
 */
function endInAnyCase(): void {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), endTimeoutMs).unref();
}

function nextSignal(...signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      process.on(signal, resolve);
    }
  });
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
