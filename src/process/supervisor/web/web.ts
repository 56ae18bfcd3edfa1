/** The supervisor's side of the process that serves all BMCs: sends it their state, and forwards its requests. */
import type { Log } from "../../../io/log/log.js";
import type { FleetAccount } from "../../../model/fleet/summary.js";
import type { MachineOperationResult } from "../../../model/machine/operation.js";
import type { EventBuffer, RecordedEvent } from "../../events/eventBuffer.js";
import type { CertificateMessage } from "../../ipc/child.js";
import type { WebConfiguration, WebConsolePlace, WebConsoleRequest, WebUpload } from "../../ipc/web.js";
import type { ChildAnswer } from "../bmcChild.js";
import { createExchanges, type Exchanges } from "./exchanges.js";
import { createSummaries, type SummarisedBmc } from "./summaries.js";
import { createWebProcess, type WebMessage } from "./webProcess.js";

export interface WebOptions {
  readonly entry: URL;
  readonly log: Log;
  readonly configuration: WebConfiguration;
  readonly events: EventBuffer;
  readonly ask: Parameters<typeof createExchanges>[0];
  /** Throws when config_dir cannot be read. */
  readonly bmcs: (lastEventOf: (name: string) => RecordedEvent | undefined) => readonly SummarisedBmc[];
  readonly insertUpload: (upload: WebUpload) => Promise<MachineOperationResult>;
  readonly readScreen: (vmName: string) => Promise<MachineOperationResult>;
  readonly openConsole: (request: WebConsoleRequest) => Promise<WebConsolePlace>;
  readonly onLoginFailed: (source: string) => void;
}

export interface Web {
  /** Something about a BMC may have changed. */
  readonly changed: () => void;
  readonly onAnswer: (answer: ChildAnswer) => void;
  readonly onStopped: Exchanges["onStopped"];
  readonly useCertificate: (message: CertificateMessage) => void;
  readonly useAccounts: (accounts: readonly FleetAccount[]) => void;
  readonly announceLogLevel: () => void;
  readonly close: () => Promise<void>;
}

/** Changes within this time are sent together, ms. */
const gatherMs = 100;

export function createWeb(options: WebOptions): Web {
  const { entry, log, configuration, events, ask, bmcs, onLoginFailed } = options;
  const summaries = createSummaries();
  const exchanges = createExchanges(ask);
  const lastEvents = new Map<string, RecordedEvent>();
  let certificate: CertificateMessage | undefined;
  let accounts: readonly FleetAccount[] = [];
  let timer: NodeJS.Timeout | undefined;

  const process = createWebProcess({ entry, log, onLaunch, onMessage: (message) => void receive(message) });

  function onLaunch(): void {
    if (certificate) {
      process.send(certificate);
    }
    process.send({ type: "accounts", accounts });
    process.send({ type: "bmcs", changed: summaries.all(), removed: [] });
    process.send({ type: "listen", configuration });
  }

  async function receive(message: WebMessage): Promise<void> {
    switch (message.type) {
      case "listening":
        log.info({ address: configuration.address, port: configuration.port, pid: process.pid }, "the page is served");
        break;
      case "failed":
        log.error({ reason: message.reason }, "the page is not served");
        break;
      case "exchange":
        process.send({ type: "exchanged", id: message.id, exchanged: await exchanges.exchange(message) });
        break;
      case "askRoles": {
        const { id, userName, proof, names = runningNames() } = message;
        process.send({ type: "roles", id, roles: await exchanges.rolesOf(names, userName, proof) });
        break;
      }
      case "insertUpload": {
        const { id, ...upload } = message;
        process.send({ type: "uploaded", id, result: await options.insertUpload(upload) });
        break;
      }
      case "readScreen":
        process.send({ type: "screen", id: message.id, result: await options.readScreen(message.vmName) });
        break;
      case "openConsole": {
        const { id, vmName, user, from, isReadOnly } = message;
        const place = await options.openConsole({ vmName, user, from, isReadOnly });
        process.send({ type: "consoleOpened", id, place });
        break;
      }
      case "loginFailed":
        onLoginFailed(message.source);
        break;
      case "pong":
        break;
    }
  }

  /** Including those that have just started. */
  function runningNames(): readonly string[] {
    update();
    const running = summaries.all().filter(({ state }) => state === "running");
    return running.map(({ name }) => name);
  }

  function update(): void {
    clearTimeout(timer);
    timer = undefined;
    try {
      const changes = summaries.update(bmcs((name) => lastEvents.get(name)));
      if (changes) {
        process.send({ type: "bmcs", ...changes });
      }
    } catch (error) {
      log.debug({ reason: String(error) }, "config_dir cannot be read");
    }
  }

  function changed(): void {
    timer ??= setTimeout(update, gatherMs);
  }

  const unsubscribe = events.onAdded((event) => {
    lastEvents.set(event.name, event);
    changed();
  });
  process.launch();
  changed();
  return {
    changed,
    onAnswer: exchanges.onAnswer,
    onStopped: exchanges.onStopped,
    useCertificate: (message) => {
      certificate = message;
      process.send(message);
    },
    useAccounts: (latest) => {
      accounts = latest;
      process.send({ type: "accounts", accounts });
    },
    announceLogLevel: process.announceLogLevel,
    close: async () => {
      clearTimeout(timer);
      unsubscribe();
      await process.close();
    },
  };
}
