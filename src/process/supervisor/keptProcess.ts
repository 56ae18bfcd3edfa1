/** A single child process: restarted with back-off when it dies, ended when it no longer responds. */
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../io/log/log.js";
import type { LogMessage } from "../ipc/logging.js";
import { type Heartbeat, startHeartbeat } from "./heartbeat.js";
import { type Backoff, nextBackoff } from "./restartBackoff.js";
import { createWorker, type Worker } from "./worker.js";

export interface KeptProcessOptions<From> {
  readonly entry: URL;
  /** The title in `ps`. */
  readonly title: string;
  /** For logs: `the web process`. */
  readonly words: string;
  readonly log: Log;
  /** It has been forked, without configuration. */
  readonly onLaunch: () => void;
  readonly onMessage: (message: Exclude<From, LogMessage>) => void;
  /** Half a sentence; it will be restarted later. */
  readonly onFailed?: (reason: string) => void;
}

export interface KeptProcess<To> {
  readonly pid: number | undefined;
  readonly launch: () => void;
  /** Lost while there is no process. */
  readonly send: (message: To) => void;
  readonly announceLogLevel: () => void;
  readonly close: () => Promise<void>;
}

/** Messages that every such process understands: `ping` is answered immediately. */
type Common = { readonly type: "ping" } | { readonly type: "stop" };

export function createKeptProcess<To extends object, From extends object>(
  options: KeptProcessOptions<From>,
): KeptProcess<To> {
  const { entry, title, words, log, onLaunch, onMessage, onFailed } = options;
  let worker: Worker<To | Common> | undefined;
  let heartbeat: Heartbeat | undefined;
  let backoff: Backoff = { failures: 0, retryAt: 0 };
  let startedAt = 0;
  let restart: NodeJS.Timeout | undefined;
  let isClosed = false;

  function launch(): void {
    startedAt = Date.now();
    try {
      worker = createWorker<To | Common, From>({
        entry,
        title,
        log,
        isMetered: false,
        servesMany: true,
        secrets: () => [],
        onMessage: (message) => {
          heartbeat?.answered();
          onMessage(message);
        },
        onExit: exited,
      });
    } catch (error) {
      // Out of memory or file descriptors.
      exited(`could not be started: ${reasonOf(error)}`);
      return;
    }
    onLaunch();
    heartbeat = beat(worker);
  }

  function beat(beating: Worker<To | Common>): Heartbeat {
    return startHeartbeat({
      ask: () => beating.send({ type: "ping" }),
      onSilence: () => undefined,
      onReturn: () => undefined,
      onLoss: () => {
        log.error({ pid: beating.pid }, `${words} is not responding; restarting it`);
        beating.kill();
      },
    });
  }

  function exited(reason: string): void {
    worker = undefined;
    heartbeat?.stop();
    if (isClosed) {
      return;
    }
    const now = Date.now();
    backoff = nextBackoff(backoff.failures, startedAt, now);
    const waitMs = backoff.retryAt - now;
    log.error({ reason }, `${words} failed, next try in ${waitMs / 1000} s`);
    restart = setTimeout(launch, waitMs);
    onFailed?.(reason);
  }

  return {
    get pid() {
      return worker?.pid;
    },
    launch,
    send: (message) => worker?.send(message),
    announceLogLevel: () => worker?.announceLogLevel(),
    close: async () => {
      isClosed = true;
      clearTimeout(restart);
      heartbeat?.stop();
      await worker?.stop({ type: "stop" });
    },
  };
}
