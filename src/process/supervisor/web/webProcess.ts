/** The process that serves the page and Redfish for all BMCs: restarted with back-off when it dies. */
import { reasonOf } from "../../../base/errors.js";
import type { Log } from "../../../io/log/log.js";
import type { LogMessage } from "../../ipc/logging.js";
import type { FromWeb, ToWeb } from "../../ipc/web.js";
import { type Backoff, nextBackoff } from "../backoff.js";
import { type Heartbeat, startHeartbeat } from "../heartbeat.js";
import { createWorker, type Worker } from "../worker.js";

export type WebMessage = Exclude<FromWeb, LogMessage>;

export interface WebProcessOptions {
  readonly entry: URL;
  readonly log: Log;
  /** It has been forked, and knows nothing. */
  readonly onLaunch: () => void;
  readonly onMessage: (message: WebMessage) => void;
}

export interface WebProcess {
  readonly pid: number | undefined;
  readonly launch: () => void;
  /** Lost while there is no process. */
  readonly send: (message: ToWeb) => void;
  readonly announceLogLevel: () => void;
  readonly close: () => Promise<void>;
}

export function createWebProcess({ entry, log, onLaunch, onMessage }: WebProcessOptions): WebProcess {
  let worker: Worker<ToWeb> | undefined;
  let heartbeat: Heartbeat | undefined;
  let backoff: Backoff = { failures: 0, retryAt: 0 };
  let startedAt = 0;
  let restart: NodeJS.Timeout | undefined;
  let isClosed = false;

  function launch(): void {
    startedAt = Date.now();
    try {
      worker = createWorker<ToWeb, FromWeb>({
        entry,
        title: "vbmc-web",
        log,
        isMetered: false,
        servesMany: true,
        secrets: () => [],
        onMessage: (message) => {
          heartbeat?.heard();
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

  function beat(beating: Worker<ToWeb>): Heartbeat {
    return startHeartbeat({
      ask: () => beating.send({ type: "ping" }),
      onSilence: () => undefined,
      onReturn: () => undefined,
      onLoss: () => {
        log.error({ pid: beating.pid }, "the web process hangs: it is ended");
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
    log.error({ reason }, `the web process failed, next try in ${waitMs / 1000} s`);
    restart = setTimeout(launch, waitMs);
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
