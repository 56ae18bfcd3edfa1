/** What the supervisor does for consoles: keeps their process, tells it which VMs are served, and lets people in. */
import type { Log } from "../../../io/log/log.js";
import type { Config } from "../../../settings/config/config.js";
import type { ConsoleMode, ConsoleState, FromConsole, ServedConsole } from "../../ipc/console.js";
import { consoleToken } from "./consoleTokens.js";
import { type ConsolePlace, type ConsoleRequest, type ConsoleWorker, createConsoleWorker } from "./consoleWorker.js";
import { keepPort, keptPort } from "./keptPort.js";

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

export interface Consoles extends Pick<
  ConsoleWorker,
  "fault" | "pid" | "useCertificate" | "announceLogLevel" | "close"
> {
  /** From now on these, and no others, are served. */
  readonly serve: (wanted: ReadonlyMap<string, WantedConsole>) => void;
  /** More may be known of the VM. */
  readonly reported: (name: string) => void;
  /** Where a client can open a console; never rejects. */
  readonly open: (request: ConsoleRequest) => Promise<ConsolePlace>;
  readonly modeOf: (name: string) => ConsoleMode | undefined;
  /** undefined while nothing is known of it. */
  readonly stateOf: (name: string) => ConsoleState | undefined;
  /** See keptPort; null where that has no console. */
  readonly formerPort: (name: string) => string | null;
  /** The VM's port was set up with this service URI, or removed (undefined). */
  readonly portChanged: (name: string, serviceUri: string | undefined) => Promise<void>;
  /** What proves that a VM is that of a BMC; undefined where that has no console. */
  readonly tokenOf: (name: string) => Promise<string | undefined>;
}

export function createConsoles(options: ConsolesOptions): Consoles {
  const { config, log, uuidsOf, onEvent } = options;
  const served = new Map<string, ServedConsole>();
  const wanted = new Map<string, WantedConsole>();
  const tokens = new Map<string, Promise<string>>();
  const states = new Map<string, ConsoleState>();
  const worker = createConsoleWorker({
    ...options,
    onLaunch: () => served.forEach((console) => worker.send({ type: "serve", console })),
    onNews: (news) => {
      if (news.type === "event") {
        onEvent(news);
      } else if (wanted.has(news.vmName)) {
        states.set(news.vmName, news.state);
      }
    },
    onLost: () => states.clear(),
  });

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
      worker.send({ type: "serve", console: next });
    }
  }

  function withdraw(name: string): void {
    tokens.delete(wanted.get(name)?.folder ?? "");
    wanted.delete(name);
    served.delete(name);
    states.delete(name);
    worker.send({ type: "withdraw", vmName: name });
  }

  if (config.console.listen !== undefined) {
    worker.launchOnce();
  }
  return {
    serve: (next) => {
      [...wanted.keys()].filter((name) => !next.has(name)).forEach(withdraw);
      if (next.size > 0) {
        worker.launchOnce();
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
      return wanted.has(vmName) ? worker.open(request) : { fault: `${vmName} has no console, or does not run` };
    },
    modeOf: (name) => wanted.get(name)?.mode,
    stateOf: (name) => states.get(name),
    formerPort: (name) => {
      const each = wanted.get(name);
      return each === undefined ? null : keptPort(each.folder);
    },
    portChanged: async (name, serviceUri) => {
      const each = wanted.get(name);
      if (each !== undefined) {
        await keepPort(each.folder, serviceUri, log);
      }
    },
    tokenOf: async (name) => {
      const each = wanted.get(name);
      return each === undefined ? undefined : tokenIn(each.folder);
    },
    get fault() {
      return worker.fault;
    },
    get pid() {
      return worker.pid;
    },
    useCertificate: worker.useCertificate,
    announceLogLevel: worker.announceLogLevel,
    close: worker.close,
  };
}
