/** The process of a vCenter link: restarted with back-off when it dies, ended when it does not answer any more. */
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../io/log/log.js";
import type { LinkConfiguration } from "../ipc/configuration.js";
import type { FromLink, ToLink } from "../ipc/link.js";
import type { LogMessage } from "../ipc/logging.js";
import { type Heartbeat, startHeartbeat } from "./heartbeat.js";
import { type Backoff, nextBackoff } from "./restartBackoff.js";
import { createWorker, type Worker } from "./worker.js";

const silenceText = "the vCenter link does not answer; it is restarted unless it comes back";

export interface LinkProcessOptions {
  /** Script of a link. */
  readonly entry: URL;
  readonly log: Log;
  /** Counts of its calls are wanted. */
  readonly isMetered: boolean;
  readonly configuration: LinkConfiguration;
  /** Our own version, which vCenter is told. */
  readonly version: string;
}

export interface LinkProcessEvents {
  /** It has been forked, and knows of no VM. */
  readonly onLaunch: () => void;
  readonly onMessage: (message: Exclude<FromLink, LogMessage>) => void;
  /** It does not answer, for now. */
  readonly onSilence: (reason: string) => void;
  /** It answers again. */
  readonly onReturn: () => void;
  /** It has ended; unless it was closed, it is restarted in a while. */
  readonly onExit: (reason: string, isRestarting: boolean) => void;
}

export interface LinkProcess {
  readonly pid: number | undefined;
  /** Why it cannot be asked anything now; undefined while it can. */
  readonly problem: string | undefined;
  /** Begins; once. */
  readonly launch: () => void;
  /** Lost while there is no process. */
  readonly send: (message: ToLink) => void;
  readonly announceLogLevel: () => void;
  /** It ends later and by itself. */
  readonly detach: () => void;
  /** Ends the process (it logs out first); resolves when it has ended. */
  readonly close: () => Promise<void>;
}

export function createLinkProcess(options: LinkProcessOptions, events: LinkProcessEvents): LinkProcess {
  const { configuration, log, version } = options;
  let worker: Worker<ToLink> | undefined;
  let heartbeat: Heartbeat | undefined;
  /** The process is there and does not answer. */
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
        log.error({ viserver: configuration.viserver, pid: beating.pid }, "the vCenter link hangs: it is ended");
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
    const text = `the vCenter link ${isSilent ? "did not answer and was ended" : reason}`;
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
