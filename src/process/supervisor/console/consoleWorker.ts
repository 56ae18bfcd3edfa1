/** The supervisor's side of the console process: launched when first needed, and configured again after each start. */
import { randomBytes } from "node:crypto";

import { defined } from "../../../base/defined.js";
import type { Log } from "../../../io/log/log.js";
import type { Config } from "../../../settings/config/config.js";
import type { CertificateMessage } from "../../ipc/child.js";
import type { ConsoleAdmission, ConsoleConfiguration, FromConsole, ToConsole } from "../../ipc/console.js";
import type { LogMessage } from "../../ipc/logging.js";
import { createKeptProcess, type KeptProcess } from "../keptProcess.js";
import { createAdmitting } from "./admitting.js";
import { removeSocketPlace, socketPlace } from "./socketPlace.js";

export type ConsoleRequest = Omit<ConsoleAdmission, "key" | "validMs">;

export type ConsolePlace = { readonly socketPath: string; readonly key: string } | { readonly fault: string };

/** Unsolicited reports of the process. */
export type ConsoleNews = Extract<FromConsole, { type: "state" | "event" }>;

export interface ConsoleWorkerOptions {
  readonly entry: URL;
  readonly config: Config;
  readonly log: Log;
  /** A certificate will be needed. */
  readonly wantCertificate: () => void;
  /** The process has been forked and configured: it serves nothing yet. */
  readonly onLaunch: () => void;
  readonly onNews: (news: ConsoleNews) => void;
  /** The process has ended: nothing is known of any console. */
  readonly onLost: () => void;
}

export interface ConsoleWorker {
  /** There is no process before this. */
  readonly launchOnce: () => void;
  /** Lost while there is no process. */
  readonly send: (message: ToConsole) => void;
  /** Where a client can open a console; never rejects. */
  readonly open: (request: ConsoleRequest) => Promise<ConsolePlace>;
  /** Why consoles do not work at all; undefined while they do. */
  readonly fault: string | undefined;
  readonly pid: number | undefined;
  readonly useCertificate: (message: CertificateMessage) => void;
  readonly announceLogLevel: () => void;
  readonly close: () => Promise<void>;
}

/** Opening takes a hello on a local socket, ms. */
const keyValidMs = 10_000;

export function createConsoleWorker(options: ConsoleWorkerOptions): ConsoleWorker {
  const { config, log, onNews, onLost } = options;
  const admitting = createAdmitting();
  let kept: KeptProcess<ToConsole> | undefined;
  let configuration: ConsoleConfiguration | undefined;
  let certificate: Extract<ToConsole, { type: "certificate" }> | undefined;
  let fault: string | undefined = "the console process is about to be started";

  function receive(message: Exclude<FromConsole, LogMessage>): void {
    switch (message.type) {
      case "listening":
        ({ fault } = message);
        tellListening(message.fault, config, log);
        break;
      case "admitted":
        admitting.settle(message.id, message.fault);
        break;
      case "pong":
        break;
      default:
        onNews(message);
    }
  }

  function launch(given: ConsoleConfiguration): KeptProcess<ToConsole> {
    return createKeptProcess<ToConsole, FromConsole>({
      entry: options.entry,
      title: "vbmc-console",
      words: "the console process",
      log,
      onLaunch: () => {
        kept?.send({ type: "configure", configuration: given });
        if (certificate !== undefined) {
          kept?.send(certificate);
        }
        options.onLaunch();
      },
      onMessage: receive,
      onFailed: (reason) => {
        fault = `the console process ${reason}; it is about to be restarted`;
        admitting.failAll(fault);
        onLost();
      },
    });
  }

  return {
    launchOnce: () => {
      if (kept !== undefined) {
        return;
      }
      try {
        configuration = toConfiguration(config, socketPlace(config.configDir));
      } catch (error) {
        fault = `there is no place for the socket of the consoles: ${String(error)}`;
        log.error(fault);
        return;
      }
      if (config.console.listen !== undefined) {
        options.wantCertificate();
      }
      kept = launch(configuration);
      kept.launch();
    },
    send: (message) => kept?.send(message),
    open: async (request) => {
      if (kept?.pid === undefined || configuration === undefined) {
        return { fault: fault ?? "the console process is about to be started" };
      }
      const process = kept;
      const key = randomBytes(24).toString("base64url");
      const admission: ConsoleAdmission = { ...request, key, validMs: keyValidMs };
      const refusal = await admitting.ask((id) => process.send({ type: "admit", id, admission }));
      return refusal === undefined ? { socketPath: configuration.socketPath, key } : { fault: refusal };
    },
    get fault() {
      return fault;
    },
    get pid() {
      return kept?.pid;
    },
    useCertificate: (message) => {
      if (!("isComing" in message)) {
        certificate = message;
        kept?.send(message);
      }
    },
    announceLogLevel: () => kept?.announceLogLevel(),
    close: async () => {
      await kept?.close();
      if (configuration !== undefined) {
        removeSocketPlace(configuration.socketPath);
      }
    },
  };
}

function toConfiguration({ console: own }: Config, socketPath: string): ConsoleConfiguration {
  const { listen, allowedHosts, ringKb, logDirectory, logMb } = own;
  return defined({
    socketPath,
    allowedHosts,
    ringBytes: ringKb * 1_024,
    listen,
    log: logDirectory === undefined ? undefined : { directory: logDirectory, maxBytes: logMb * 1_024 * 1_024 },
  });
}

function tellListening(fault: string | undefined, { console: { listen } }: Config, log: Log): void {
  if (fault !== undefined) {
    log.error({ reason: fault }, "consoles do not work");
  } else if (listen !== undefined) {
    log.info({ address: listen.address, port: listen.port }, "the serial ports of VMs may connect");
  }
}
