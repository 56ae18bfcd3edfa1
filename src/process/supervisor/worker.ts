/** A forked process: its start, its messages and its end. */
import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";

import { reasonOf } from "../../base/errors.js";
import { type Log, maskSecrets } from "../../io/log/log.js";
import { meteredArgument } from "../ipc/entry.js";
import type { LogLevelMessage, LogMessage } from "../ipc/logging.js";
import { oneArena, smallNursery } from "../ipc/smallHeap.js";

/** After the request to end, ms. */
const termAfterMs = 1000;
const killAfterMs = 2000;

export interface WorkerOptions<From> {
  /** The script that the process runs. */
  readonly entry: URL;
  /** The title in `ps`; no secret. */
  readonly title: string;
  readonly log: Log;
  /** Whether counters are requested. */
  readonly isMetered: boolean;
  /** It has bursts of work for many BMCs, and idles in between: keep its heap small. */
  readonly servesMany: boolean;
  /** Secrets to mask when the process prints them, e.g. with the error that ends it. */
  readonly secrets: () => readonly string[];
  readonly onMessage: (message: Exclude<From, LogMessage>) => void;
  /**
   * Called once, when the process has ended, for whatever reason. `reason` is half a sentence: `was ended by SIGKILL`.
   */
  readonly onExit: (reason: string) => void;
}

/** A child process that communicates over IPC and ends with this process, which closes its channel. */
export interface Worker<To extends object> {
  readonly pid: number | undefined;
  /** Sends the process the current log level, so that it sends no more than that. */
  readonly announceLogLevel: () => void;
  /** A message to a process that has just ended is lost; onExit reports the end. */
  readonly send: (message: To) => void;
  /** Asks the process to end, then kills it. Resolves once it has ended, within 2 s. */
  readonly stop: (stopMessage: To) => Promise<void>;
  /** It ends later, by itself: its end is no longer awaited. */
  readonly detach: () => void;
  readonly kill: () => void;
}

/**
 * Forks the process. Its log records are written here, and so is its stderr.
 * @throws Error if the system has no memory or descriptors left
 */
export function createWorker<To extends object, From extends object>(
  options: WorkerOptions<From | LogMessage>,
): Worker<To> {
  const { log, onMessage, onExit } = options;
  const forked = forkProcess(options);
  const lastErrorLine = listenToErrors(forked, options);
  const left = new EventEmitter();

  const send = (message: To | LogLevelMessage): void => {
    if (forked.connected) {
      forked.send(message, () => undefined);
    }
  };
  const announceLogLevel = (): void =>
    send({ type: "logLevel", level: log.isLevelEnabled("debug") ? "debug" : "info" });

  forked.on("message", (message: Exclude<From, LogMessage> | LogMessage) => {
    if (isLogMessage(message)) {
      log[message.level]({ ...message.fields, pid: forked.pid }, message.message);
    } else {
      onMessage(message);
    }
  });
  const ended = whenEnded(forked, lastErrorLine).then(onExit);
  announceLogLevel();
  return {
    get pid() {
      return forked.pid;
    },
    announceLogLevel,
    send,
    stop: async (stopMessage) => {
      send(stopMessage);
      const term = setTimeout(() => forked.kill("SIGTERM"), termAfterMs);
      const kill = setTimeout(() => forked.kill("SIGKILL"), killAfterMs);
      await Promise.race([ended, once(left, "left")]);
      clearTimeout(term);
      clearTimeout(kill);
    },
    detach: () => {
      left.emit("left");
      detach(forked);
    },
    kill: () => void forked.kill("SIGKILL"),
  };
}

function forkProcess({ entry, title, isMetered, servesMany }: WorkerOptions<never>): ChildProcess {
  return fork(entry, isMetered ? [meteredArgument] : [], {
    execArgv: [...inheritedFlags(), `--title=${title}`, ...(servesMany ? [smallNursery] : [])],
    serialization: "json",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...(servesMany && oneArena), ...inheritedEnvironment() },
  });
}

/** Logs the process's stderr. Returns the line that best explains its end, empty without one. */
function listenToErrors(forked: ChildProcess, { title, log, secrets }: WorkerOptions<never>): () => string {
  let lastErrorLine = "";
  forked.on("error", (error) => {
    lastErrorLine = error.message;
    log.error({ worker: title }, `process fault: ${error.message}`);
  });
  if (forked.stderr) {
    createInterface({ input: forked.stderr }).on("line", (printed) => {
      const line = maskSecrets(printed, secrets());
      // In a stack trace the line with the error is the most useful one.
      if (/^\w*Error\b/.test(line) || lastErrorLine === "") {
        lastErrorLine = line.trim();
      }
      log.warn({ worker: title, pid: forked.pid }, line);
    });
  }
  return () => lastErrorLine;
}

/** Resolves with half a sentence on how it ended. */
async function whenEnded(forked: ChildProcess, lastErrorLine: () => string): Promise<string> {
  // A process that could not be started emits `error`, and never `exit`.
  if (forked.pid === undefined) {
    const [error] = (await once(forked, "error").catch((fault: unknown) => [fault])) as [unknown];
    return `could not be started: ${reasonOf(error)}`;
  }
  const [code, signal] = (await once(forked, "exit")) as [number | null, NodeJS.Signals | null];
  const how = signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`;
  return lastErrorLine() === "" ? how : `${how}: ${lastErrorLine()}`;
}

function detach(forked: ChildProcess): void {
  if (forked.connected) {
    forked.disconnect();
  }
  forked.unref();
  forked.stderr?.destroy();
}

function isLogMessage(message: object): message is LogMessage {
  return "type" in message && message.type === "log";
}

/** A loader or source maps serve every process; a debugger's port serves one only (NODE_OPTIONS=--inspect=0 serves all). */
function inheritedFlags(): string[] {
  return process.execArgv.filter((flag) => !/^--(title|inspect)/.test(flag));
}

/** Our environment without what only concerns `vbmc`, such as passwords, or this process. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VBMC_|NOTIFY_SOCKET$)/.test(name)));
}
