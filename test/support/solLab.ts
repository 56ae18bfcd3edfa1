/**
 * A BMC and its console in this process: what a child and the console process run, with a real UDP port, a real concentrator,
 * and a VM whose telnet is the tests' own.
 */
import { mkdtemp } from "node:fs/promises";
import path from "node:path";

import { createBmcHost } from "../../src/process/child/bmcHost.js";
import { createSupervisorChannel } from "../../src/process/child/supervisorChannel.js";
import { createConsoleProcess } from "../../src/process/console/consoleProcess.js";
import type { FromChild } from "../../src/process/ipc/child.js";
import type { BmcConfiguration } from "../../src/process/ipc/configuration.js";
import type { ConsoleState, FromConsole } from "../../src/process/ipc/console.js";
import { patiently } from "./patience.js";
import { freeLowUdpPort, freeTcpPort } from "./ports.js";
import { createStandInVm, type StandInVm } from "./standInVm.js";
import { openViewer, type Viewer } from "./testConsoles.js";

export interface SolLab {
  readonly port: number;
  /** Connects the VM's serial port, as at power-on. */
  readonly powerOn: () => Promise<void>;
  readonly powerOff: () => Promise<void>;
  /** The VM prints; resolves when its bytes are on their way. */
  readonly print: (text: string | Buffer) => Promise<void>;
  /** What the VM's serial port has got since it was connected. */
  readonly typed: () => string;
  /** Resolves when the VM has got the text. */
  readonly typedSoon: (text: string) => Promise<void>;
  readonly brokenSoon: () => Promise<void>;
  /** Whether typed characters come back, as from a login prompt. */
  echoes: boolean;
  /** Who opened the console, and from where, in this order. */
  readonly users: readonly string[];
  /** How many have it open. */
  readonly open: () => number;
  /** Resolves when as many have it open. */
  readonly openSoon: (count: number) => Promise<void>;
  /** Opens it as `vbmc console` does, and takes it over. */
  readonly takeOver: (user: string) => Promise<Viewer>;
  /** Resolves when the BMC has logged the text. */
  readonly logged: (text: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const solAccount = { username: "admin", password: "pa55word" } as const;

const vmName = "vm1";
const token = "secret-token";
const vcUuid = "528f3a119b720c44aa00ffee12345678";

export async function startSolLab(folder: string, given: Partial<BmcConfiguration> = {}): Promise<SolLab> {
  const port = given.port ?? (await freeLowUdpPort());
  const directory = await mkdtemp(path.join(folder, "bmc-"));
  const socketPath = path.join(directory, "console");
  const concentratorPort = await freeTcpPort();
  const users: string[] = [];
  const log: string[] = [];
  const looks = new Set<() => void>();
  const look = (): void => [...looks].forEach((each) => each());
  const viewers: Viewer[] = [];
  let state: ConsoleState | undefined;
  let vm: StandInVm | undefined;
  let echoed = 0;

  function soon(isThere: () => boolean, what: () => string): Promise<void> {
    const there = new Promise<void>((resolve) => {
      const each = (): void => {
        if (isThere()) {
          looks.delete(each);
          resolve();
        }
      };
      looks.add(each);
      each();
    });
    return patiently(there, what);
  }

  const consoles = createConsoleProcess(
    (message: FromConsole) => {
      if (message.type === "admitted" && message.id > 0) {
        channel.settleConsole({ type: "consoleOpened", id: message.id, socketPath, key: String(message.id) });
      } else if (message.type === "state") {
        ({ state } = message);
        look();
      }
    },
    () => undefined,
  );
  await consoles.configure({
    socketPath,
    listen: { address: "127.0.0.1", port: concentratorPort },
    allowedHosts: [],
    ringBytes: 131_072,
  });
  consoles.serve({ vmName, mode: { kind: "concentrator" }, token });

  const channel = createSupervisorChannel((message: FromChild) => {
    if (message.type === "openConsole") {
      const { id, user, from } = message;
      users.push(`${user} from ${from}`);
      const admission = { vmName, key: String(id), isReadOnly: false, replayBytes: 0, validMs: 5_000 };
      consoles.admit({ type: "admit", id, admission: { ...admission, kind: "sol", user, from } });
    } else if (message.type === "log") {
      log.push(`${message.message} ${JSON.stringify(message.fields)}`);
      look();
    }
  });
  const host = createBmcHost(channel);
  await host.serve({
    vmName,
    firmwareVersion: "0.1.0",
    address: "127.0.0.1",
    port,
    ...solAccount,
    fakemac: "02:00:00:00:00:01",
    directory,
    ipmi: {
      sessionTimeoutSeconds: 60,
      maxSessions: 8,
      cipherSuites: [3, 17],
      ipmi15Auth: [],
      badPasswordThreshold: 0,
      badPasswordResetSeconds: 0,
      badPasswordLockoutSeconds: 0,
    },
    console: {},
    ...given,
  });
  host.report(vmName, { fresh: true, snapshot: { powerState: "poweredOn" } });

  const typed = (): string => vm?.serial.toString("latin1") ?? "";
  const open = (): number => (state?.watchers.length ?? 0) + (state?.writer ? 1 : 0);

  const lab: SolLab = {
    port,
    echoes: true,
    powerOn: async () => {
      const next = createStandInVm({ port: concentratorPort, serviceUri: `vbmc:${vmName}?token=${token}`, vcUuid });
      vm = next;
      echoed = 0;
      await next.begin();
      next.socket.on("data", () => {
        if (lab.echoes) {
          void next.print(next.serial.subarray(echoed));
        }
        echoed = next.serial.length;
        look();
      });
      await soon(
        () => state?.connectedSince !== undefined,
        () => "the VM is not connected",
      );
    },
    powerOff: async () => {
      vm?.socket.end();
      await soon(
        () => state?.connectedSince === undefined,
        () => "the VM is still connected",
      );
    },
    print: async (text) => vm?.print(text),
    typed,
    typedSoon: (text) =>
      soon(
        () => typed().includes(text),
        () => `the VM has got ${JSON.stringify(typed())}`,
      ),
    brokenSoon: () =>
      soon(
        () => (vm?.breaks ?? 0) > 0,
        () => "the VM has seen no break",
      ),
    users,
    open,
    openSoon: (count) =>
      soon(
        () => open() === count,
        () => `${open()} have the console open`,
      ),
    takeOver: async (user) => {
      const id = -1 - viewers.length;
      const admission = { vmName, key: String(id), isReadOnly: false, replayBytes: 0, validMs: 5_000 };
      consoles.admit({ type: "admit", id, admission: { ...admission, kind: "terminal", user, from: "this host" } });
      const viewer = await openViewer(socketPath, admission.key);
      viewers.push(viewer);
      viewer.stream.take();
      await viewer.until(() => viewer.status.isWriter);
      return viewer;
    },
    logged: (text) =>
      soon(
        () => log.some((line) => line.includes(text)),
        () => `no ${text} in the log: ${log.slice(-5).join("\n")}`,
      ),
    close: async () => {
      viewers.forEach(({ stream }) => stream.close());
      await host.close();
      vm?.socket.destroy();
      await consoles.close();
    },
  };
  await lab.powerOn();
  return lab;
}
