/** What the supervisor does for consoles: keeps their process, tells it which VMs are served, and lets people in. */
import { randomBytes } from "node:crypto";

import type { Log } from "../../../io/log/log.js";
import type { Config } from "../../../settings/config/config.js";
import type { CertificateMessage } from "../../ipc/child.js";
import type {
  ConsoleAdmission,
  ConsoleConfiguration,
  ConsoleMode,
  ConsoleState,
  FromConsole,
  ServedConsole,
  ToConsole,
} from "../../ipc/console.js";
import type { LogMessage } from "../../ipc/logging.js";
import { createKeptProcess, type KeptProcess } from "../keptProcess.js";
import { createAdmitting } from "./admitting.js";
import { consoleToken } from "./consoleTokens.js";
import { removeSocketPlace, socketPlace } from "./socketPlace.js";

export interface ConsolesOptions {
  readonly entry: URL;
  readonly config: Config;
  readonly log: Log;
  /** UUIDs of a VM, as far as they are known. */
  readonly uuidsOf: (name: string) => Pick<ServedConsole, "instanceUuid" | "biosUuid">;
  /** A certificate will be needed. */
  readonly wantCertificate: () => void;
  /** What happened to a console, for `vbmc events`. */
  readonly onEvent: (event: Extract<FromConsole, { type: "event" }>) => void;
}

/** A BMC that should have a console. */
export interface WantedConsole {
  readonly mode: ConsoleMode;
  /** The BMC's folder. */
  readonly folder: string;
}

export type ConsoleRequest = Omit<ConsoleAdmission, "key" | "validMs">;

export type ConsolePlace = { readonly socketPath: string; readonly key: string } | { readonly fault: string };

export interface Consoles {
  /** From now on these, and no others, are served. */
  readonly serve: (wanted: ReadonlyMap<string, WantedConsole>) => void;
  /** More may be known of the VM. */
  readonly reported: (name: string) => void;
  /** Where somebody can open a console; never rejects. */
  readonly open: (request: ConsoleRequest) => Promise<ConsolePlace>;
  readonly modeOf: (name: string) => ConsoleMode | undefined;
  /** undefined while nothing is known of it. */
  readonly stateOf: (name: string) => ConsoleState | undefined;
  /** What proves that a VM is that of a BMC; undefined where that has no console. */
  readonly tokenOf: (name: string) => Promise<string | undefined>;
  /** Why consoles do not work at all; undefined while they do. */
  readonly fault: string | undefined;
  readonly pid: number | undefined;
  readonly useCertificate: (message: CertificateMessage) => void;
  readonly announceLogLevel: () => void;
  readonly close: () => Promise<void>;
}

/** Opening takes a hello on a local socket, ms. */
const keyValidMs = 10_000;

export function createConsoles(options: ConsolesOptions): Consoles {
  const { entry, config, log, uuidsOf, wantCertificate, onEvent } = options;
  const { listen } = config.console;
  const served = new Map<string, ServedConsole>();
  const wanted = new Map<string, WantedConsole>();
  const tokens = new Map<string, Promise<string>>();
  const states = new Map<string, ConsoleState>();
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
      case "state":
        if (wanted.has(message.vmName)) {
          states.set(message.vmName, message.state);
        }
        break;
      case "event":
        onEvent(message);
        break;
      case "admitted":
        admitting.settle(message.id, message.fault);
        break;
      case "pong":
        break;
    }
  }

  function onLaunch(): void {
    if (configuration === undefined) {
      return;
    }
    kept?.send({ type: "configure", configuration });
    if (certificate !== undefined) {
      kept?.send(certificate);
    }
    for (const each of served.values()) {
      kept?.send({ type: "serve", console: each });
    }
  }

  function onFailed(reason: string): void {
    fault = `the console process ${reason}; it is about to be restarted`;
    states.clear();
    admitting.failAll(fault);
  }

  /** There is no process before there is a console. */
  function launchOnce(): void {
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
    if (listen !== undefined) {
      wantCertificate();
    }
    const words = "the console process";
    kept = createKeptProcess<ToConsole, FromConsole>({
      entry,
      title: "vbmc-console",
      words,
      log,
      onLaunch,
      onMessage: receive,
      onFailed,
    });
    kept.launch();
  }

  function tokenIn(folder: string): Promise<string> {
    const token = tokens.get(folder) ?? consoleToken(folder, log);
    tokens.set(folder, token);
    return token;
  }

  async function serveOne(name: string, { mode, folder }: WantedConsole): Promise<void> {
    const token = await tokenIn(folder);
    if (wanted.get(name)?.mode !== mode) {
      return;
    }
    const next: ServedConsole = { vmName: name, mode, token, ...uuidsOf(name) };
    if (JSON.stringify(served.get(name)) !== JSON.stringify(next)) {
      served.set(name, next);
      kept?.send({ type: "serve", console: next });
    }
  }

  function withdraw(name: string): void {
    wanted.delete(name);
    served.delete(name);
    states.delete(name);
    kept?.send({ type: "withdraw", vmName: name });
  }

  if (listen !== undefined) {
    launchOnce();
  }
  return {
    serve: (next) => {
      [...wanted.keys()].filter((name) => !next.has(name)).forEach(withdraw);
      if (next.size > 0) {
        launchOnce();
      }
      for (const [name, each] of next) {
        const before = wanted.get(name);
        const isSame = before !== undefined && JSON.stringify(before) === JSON.stringify(each);
        if (!isSame) {
          wanted.set(name, each);
          void serveOne(name, each);
        }
      }
    },
    reported: (name) => {
      const each = wanted.get(name);
      if (each !== undefined) {
        void serveOne(name, each);
      }
    },
    open: async (request) => {
      const { vmName } = request;
      if (!wanted.has(vmName)) {
        return { fault: `${vmName} has no console, or does not run` };
      }
      if (kept?.pid === undefined || configuration === undefined) {
        return { fault: fault ?? "the console process is about to be started" };
      }
      const process = kept;
      const key = randomBytes(24).toString("base64url");
      const admission: ConsoleAdmission = { ...request, key, validMs: keyValidMs };
      const refusal = await admitting.ask((id) => process.send({ type: "admit", id, admission }));
      return refusal === undefined ? { socketPath: configuration.socketPath, key } : { fault: refusal };
    },
    modeOf: (name) => wanted.get(name)?.mode,
    stateOf: (name) => states.get(name),
    tokenOf: async (name) => {
      const each = wanted.get(name);
      return each === undefined ? undefined : tokenIn(each.folder);
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
  return {
    socketPath,
    allowedHosts,
    ringBytes: ringKb * 1_024,
    ...(listen === undefined ? {} : { listen }),
    ...(logDirectory === undefined ? {} : { log: { directory: logDirectory, maxBytes: logMb * 1_024 * 1_024 } }),
  };
}

function tellListening(fault: string | undefined, { console: { listen } }: Config, log: Log): void {
  if (fault !== undefined) {
    log.error({ reason: fault }, "consoles do not work");
  } else if (listen !== undefined) {
    log.info({ address: listen.address, port: listen.port }, "the serial ports of VMs may connect");
  }
}
