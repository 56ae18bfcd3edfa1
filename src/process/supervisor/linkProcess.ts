/** The process of a vCenter link: restarted with back-off when it dies, ended when it no longer responds. */
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../io/log/log.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { FromLink, ToLink } from "../ipc/link.js";
import type { LogMessage } from "../ipc/logging.js";
import { type Heartbeat, startHeartbeat } from "./heartbeat.js";
import { type Backoff, nextBackoff } from "./restartBackoff.js";
import { createWorker, type Worker } from "./worker.js";

const silenceText = "the vCenter link is not responding; restarting it unless it recovers";

export interface LinkProcessOptions {
  /** Script of a link. */
  readonly entry: URL;
  readonly log: Log;
  /** Whether counters of its calls are requested. */
  readonly isMetered: boolean;
  readonly configuration: LinkConfiguration;
  /** Our own version, reported to vCenter. */
  readonly version: string;
}

export interface LinkProcessEvents {
  /** It has been forked, and has no VMs yet. */
  readonly onLaunch: () => void;
  readonly onMessage: (message: Exclude<FromLink, LogMessage>) => void;
  /** It is not responding at the moment. */
  readonly onSilence: (reason: string) => void;
  /** It responds again. */
  readonly onReturn: () => void;
  /** It has ended; unless it was closed, it will be restarted. */
  readonly onExit: (reason: string, isRestarting: boolean) => void;
}

export interface LinkProcess {
  readonly pid: number | undefined;
  /** Why it cannot handle requests now; undefined if it can. */
  readonly problem: string | undefined;
  /** Call it once. */
  readonly launch: () => void;
  /** Lost while there is no process. */
  readonly send: (message: ToLink) => void;
  readonly announceLogLevel: () => void;
  /** It ends later, by itself. */
  readonly detach: () => void;
  /** Ends the process (it logs out first); resolves when it has ended. */
  readonly close: () => Promise<void>;
}

export function createLinkProcess(options: LinkProcessOptions, events: LinkProcessEvents): LinkProcess {
  const { configuration, log, version } = options;
  let worker: Worker<ToLink> | undefined;
  let heartbeat: Heartbeat | undefined;
  /** The process exists but does not respond. */
  let isSilent = false;
  let backoff: Backoff = { failures: 0, retryAt: 0 };
  let startedAt = 0;
  let restart: NodeJS.Timeout | undefined;
  let isClosed = false;

  const beat = (beating: Worker<ToLink>): Heartbeat =>
    startHeartbeat({
      ask: () => beating.send({ type: "ping" }),
      onSilence: () => {
        isSilent = true;
        events.onSilence(silenceText);
      },
      onReturn: () => {
        isSilent = false;
        events.onReturn();
      },
      onLoss: () => {
        log.error(
          { viserver: configuration.viserver, pid: beating.pid },
          "the vCenter link is not responding; restarting it",
        );
        beating.kill();
      },
    });

  function launch(): void {
    startedAt = Date.now();
    const onMessage = (message: Exclude<FromLink, LogMessage>): void => {
      heartbeat?.answered();
      events.onMessage(message);
    };
    try {
      worker = forkLink(options, { onMessage, onExit: exited });
    } catch (error) {
      // Out of memory or descriptors.
      exited(`could not be started: ${reasonOf(error)}`);
      return;
    }
    worker.send({ type: "connect", configuration, version });
    events.onLaunch();
    heartbeat = beat(worker);
  }

  function exited(reason: string): void {
    worker = undefined;
    heartbeat?.stop();
    const text = `the vCenter link ${isSilent ? "did not respond and was ended" : reason}`;
    isSilent = false;
    if (!isClosed) {
      launchLater(reason);
    }
    events.onExit(text, !isClosed);
  }

  function launchLater(reason: string): void {
    const now = Date.now();
    backoff = nextBackoff(backoff.failures, startedAt, now);
    const waitMs = backoff.retryAt - now;
    const fields = { viserver: configuration.viserver, reason };
    log.error(fields, `vCenter link failed, next try in ${waitMs / 1000} s`);
    restart = setTimeout(launch, waitMs);
  }

  return {
    get pid() {
      return worker?.pid;
    },
    get problem() {
      return worker === undefined ? "the vCenter link is about to be restarted" : isSilent ? silenceText : undefined;
    },
    launch,
    send: (message) => worker?.send(message),
    announceLogLevel: () => worker?.announceLogLevel(),
    detach: () => worker?.detach(),
    close: async () => {
      isClosed = true;
      clearTimeout(restart);
      heartbeat?.stop();
      await worker?.stop({ type: "stop" });
    },
  };
}

function forkLink(
  { entry, log, isMetered, configuration }: LinkProcessOptions,
  handlers: {
    readonly onMessage: (message: Exclude<FromLink, LogMessage>) => void;
    readonly onExit: (reason: string) => void;
  },
): Worker<ToLink> {
  return createWorker<ToLink, FromLink>({
    entry,
    title: `vbmc-link: ${configuration.viserver}`,
    log,
    isMetered,
    servesMany: true,
    secrets: () => [configuration.password],
    ...handlers,
  });
}
