/** What the console process does with what the supervisor says. */
import type { BlockList } from "node:net";

import { defined } from "../../base/defined.js";
import { reasonOf } from "../../base/errors.js";
import type { Log } from "../../base/log.js";
import type { ConsoleUser } from "../../io/console/messages.js";
import type { ConsoleConfiguration, FromConsole, ServedConsole, ToConsole } from "../ipc/console.js";
import { createAdmissions } from "./admissions.js";
import { type Concentrator, createConcentrator } from "./concentrator.js";
import { type ConsoleServer, openConsoleServer } from "./consoleServer.js";
import { type DirectConnection, openDirect } from "./directConnection.js";
import { createHostList } from "./hostList.js";
import { createLine, type Line } from "./line.js";
import { createServedConsoles } from "./servedConsoles.js";
import { createStateReports } from "./stateReports.js";
import { createTranscript, type Transcript } from "./transcript.js";

export interface ConsoleProcess {
  /** Once, before all else. */
  readonly configure: (configuration: ConsoleConfiguration) => Promise<void>;
  readonly useCertificate: (message: Extract<ToConsole, { type: "certificate" }>) => void;
  readonly serve: (served: ServedConsole) => void;
  readonly withdraw: (vmName: string) => void;
  readonly admit: (message: Extract<ToConsole, { type: "admit" }>) => void;
  readonly close: () => Promise<void>;
}

/** What goes with a console besides its line. */
interface Fittings {
  readonly direct: DirectConnection | undefined;
  readonly transcript: Transcript | undefined;
}

export function createConsoleProcess(send: (message: FromConsole) => void, log: Log): ConsoleProcess {
  const consoles = createServedConsoles();
  const admissions = createAdmissions();
  const fittings = new Map<string, Fittings>();
  const reports = createStateReports((vmName, state) => send({ type: "state", vmName, state }));
  let configuration: ConsoleConfiguration | undefined;
  let allowed: BlockList | undefined;
  let concentrator: Concentrator | undefined;
  let server: ConsoleServer | undefined;
  let certificate: Parameters<Concentrator["useCertificate"]> | undefined;
  const early: ServedConsole[] = [];

  function tellEvent(vmName: string, text: string, who?: ConsoleUser): void {
    const by = who === undefined ? {} : { user: who.user, source: who.from };
    send({ type: "event", vmName, text, source: "", ...by });
    log("info", text, defined({ vm: vmName, user: who?.user, from: who?.from, kind: who?.kind }));
  }

  function openLine({ vmName, mode }: ServedConsole, { ringBytes, log: logging }: ConsoleConfiguration): Line {
    const transcript = logging && createTranscript({ ...logging, vmName, log });
    const line: Line = createLine({
      vmName,
      ringBytes,
      log,
      transcript: transcript?.write,
      onCount: () => reports.counted(vmName, line),
      onChange: () => reports.changed(vmName, line),
      onEvent: (text, who) => tellEvent(vmName, text, who),
      now: () => new Date(),
    });
    const direct = mode.kind === "concentrator" ? undefined : openDirect(mode, line, allowed);
    fittings.set(vmName, { direct, transcript });
    reports.changed(vmName, line);
    return line;
  }

  async function withdraw(vmName: string, message: string): Promise<void> {
    const open = consoles.get(vmName);
    const { direct, transcript } = fittings.get(vmName) ?? {};
    server?.endAll(vmName, message);
    consoles.delete(vmName);
    fittings.delete(vmName);
    direct?.close();
    open?.line.close();
    reports.forget(vmName);
    await transcript?.close();
  }

  function serve(served: ServedConsole): void {
    if (configuration === undefined) {
      early.push(served);
      return;
    }
    const before = consoles.get(served.vmName);
    if (before !== undefined && JSON.stringify(before.served.mode) === JSON.stringify(served.mode)) {
      // Its UUIDs are known by now: do not end a console for that.
      consoles.set(served, before.line);
      return;
    }
    void withdraw(served.vmName, "the console is reached in another way now: open it again");
    consoles.set(served, openLine(served, configuration));
  }

  return {
    configure: async (given) => {
      configuration = given;
      allowed = createHostList(given.allowedHosts);
      early.splice(0).forEach(serve);
      const { listen, socketPath } = given;
      try {
        server = await openConsoleServer(socketPath, admissions, consoles);
        if (listen !== undefined) {
          concentrator = createConcentrator({ listen, allowed, consoles, log });
          if (certificate !== undefined) {
            concentrator.useCertificate(...certificate);
          }
          await openPatiently(concentrator, (fault) => send({ type: "listening", fault }));
        }
        send({ type: "listening" });
      } catch (error) {
        send({ type: "listening", fault: reasonOf(error) });
      }
    },
    useCertificate: (message) => {
      if ("certificate" in message) {
        certificate = [message.certificate, message.key];
        concentrator?.useCertificate(...certificate);
      }
    },
    serve,
    withdraw: (vmName) => void withdraw(vmName, `${vmName} no longer has a console: its BMC was stopped or changed`),
    admit: ({ id, admission }) => {
      const isServed = consoles.get(admission.vmName) !== undefined;
      if (isServed) {
        admissions.add(admission);
      }
      send({ type: "admitted", id, ...(!isServed && { fault: `${admission.vmName} has no console` }) });
    },
    close: async () => {
      concentrator?.close();
      server?.close();
      await Promise.all([...consoles.all()].map(({ served }) => withdraw(served.vmName, "the daemon ends")));
    },
  };
}

/** Delay between attempts to bind a port that another program uses, ms. */
const againAfterMs = 2_000;

/** Resolves when it listens. */
async function openPatiently(concentrator: Concentrator, onFault: (fault: string) => void): Promise<void> {
  let reported: string | undefined;
  for (;;) {
    try {
      await concentrator.open();
      return;
    } catch (error) {
      const fault = reasonOf(error);
      if (fault !== reported) {
        reported = fault;
        onFault(fault);
      }
      await new Promise((resolve) => setTimeout(resolve, againAfterMs).unref());
    }
  }
}
