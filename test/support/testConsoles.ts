/** A console process inside a test: its messages, and those who open consoles. */
import path from "node:path";
import { after } from "node:test";

import { type ConsoleStream, openConsoleStream } from "../../src/io/console/consoleStream.js";
import type { ConsoleStatus } from "../../src/io/console/messages.js";
import { createConsoleProcess } from "../../src/process/console/consoleProcess.js";
import { makeSelfSigned } from "../../src/process/daemon/selfSigned.js";
import type {
  ConsoleAdmission,
  ConsoleConfiguration,
  ConsoleState,
  FromConsole,
  ServedConsole,
} from "../../src/process/ipc/console.js";
import { patiently } from "./patience.js";
import { freeTcpPort } from "./ports.js";
import { createStandInVm, type StandInVm, type StandInVmOptions } from "./standInVm.js";
import { temporaryFolder } from "./temporaryFolder.js";

export const uuids = {
  vm01: { instance: "528f3a11-9b72-0c44-aa00-ffee12345678", bios: "564d0102-0304-0506-0708-090a0b0c0d0e" },
  vm02: { instance: "528f3a11-0000-0c44-aa00-ffee12345678", bios: "564d0102-0000-0506-0708-090a0b0c0d0e" },
};

/** Someone who has a console open. */
export interface Viewer {
  readonly stream: ConsoleStream;
  output: string;
  status: ConsoleStatus;
  overrun: number;
  end: string | undefined;
  readonly until: (holds: () => boolean) => Promise<void>;
}

export interface TestConsoles {
  readonly port: number;
  readonly events: string[];
  readonly log: string[];
  readonly states: Map<string, ConsoleState>;
  readonly process: ReturnType<typeof createConsoleProcess>;
  readonly serve: (served: Partial<ServedConsole> & { vmName: string }) => void;
  readonly view: (vmName: string, admission?: Partial<ConsoleAdmission>) => Promise<Viewer>;
  readonly vm: (options?: Partial<StandInVmOptions>) => StandInVm;
  readonly until: (holds: () => boolean) => Promise<void>;
}

let lastKey = 0;

/** With one console, vm-01, whose token is `secret-1`. */
export async function testConsoles(options: Partial<ConsoleConfiguration> = {}): Promise<TestConsoles> {
  const port = await freeTcpPort();
  const { socketPath = path.join(temporaryFolder(), "console.sock") } = options;
  const events: string[] = [];
  const log: string[] = [];
  const states = new Map<string, ConsoleState>();
  const waits = createWaits();
  const vms: StandInVm[] = [];
  const viewers: ConsoleStream[] = [];
  const admitted = new Map<number, (fault: string | undefined) => void>();

  const consoleProcess = createConsoleProcess(
    (message: FromConsole) => {
      if (message.type === "event") {
        events.push(`${message.vmName}: ${message.user === undefined ? "" : `${message.user}: `}${message.text}`);
      } else if (message.type === "state") {
        states.set(message.vmName, message.state);
      } else if (message.type === "admitted") {
        admitted.get(message.id)?.(message.fault);
      } else if (message.type === "listening" && message.fault !== undefined) {
        log.push(message.fault);
      }
      waits.check();
    },
    (_level, message, fields) => {
      log.push(`${message} ${JSON.stringify(fields)}`);
      waits.check();
    },
  );
  const serve: TestConsoles["serve"] = (served) =>
    consoleProcess.serve({ mode: { kind: "concentrator" }, token: "secret-1", ...served });

  after(async () => {
    viewers.forEach((stream) => stream.close());
    vms.forEach(({ socket }) => socket.destroy());
    await consoleProcess.close();
  });
  await consoleProcess.configure({
    socketPath,
    listen: { address: "127.0.0.1", port },
    allowedHosts: [],
    ringBytes: 65_536,
    ...options,
  });
  const { certificate, key } = await makeSelfSigned(["localhost"]);
  consoleProcess.useCertificate({ type: "certificate", certificate, key });
  serve({ vmName: "vm-01", instanceUuid: uuids.vm01.instance, biosUuid: uuids.vm01.bios });

  return {
    port,
    events,
    log,
    states,
    process: consoleProcess,
    serve,
    until: waits.until,
    vm: (given = {}) => {
      const vm = createStandInVm({
        port,
        serviceUri: "vbmc:vm-01?token=secret-1",
        vcUuid: uuids.vm01.instance.replaceAll("-", ""),
        biosUuid: uuids.vm01.bios.replaceAll("-", ""),
        ...given,
      });
      vms.push(vm);
      return vm;
    },
    view: async (vmName, given = {}) => {
      const id = ++lastKey;
      const admission: ConsoleAdmission = {
        vmName,
        key: `key-${id}`,
        kind: "terminal",
        user: "alice",
        from: "",
        isReadOnly: false,
        replayBytes: 65_536,
        validMs: 5_000,
        ...given,
      };
      const answer = new Promise<string | undefined>((resolve) => admitted.set(id, resolve));
      consoleProcess.admit({ type: "admit", id, admission });
      const fault = await answer;
      if (fault !== undefined) {
        throw new Error(fault);
      }
      const viewer = await openViewer(socketPath, admission.key);
      viewers.push(viewer.stream);
      return viewer;
    },
  };
}

export async function openViewer(socketPath: string, key: string): Promise<Viewer> {
  const waits = createWaits();
  const none: ConsoleStatus = { connected: false, isWriter: false, watchers: [] };
  const viewer = { output: "", status: none, overrun: 0, end: undefined as string | undefined, until: waits.until };
  const set = (news: Partial<typeof viewer>): void => {
    Object.assign(viewer, news);
    waits.check();
  };
  const stream = await openConsoleStream({
    socketPath,
    key,
    timeoutMs: 5_000,
    listener: {
      onData: (bytes) => set({ output: viewer.output + bytes.toString("latin1") }),
      onStatus: (status) => set({ status }),
      onOverrun: (skipped) => set({ overrun: viewer.overrun + skipped }),
      onDrain: () => undefined,
      onEnd: ({ reason, message }) => set({ end: `${reason}: ${message}` }),
    },
  });
  return Object.assign(viewer, { stream });
}

function createWaits(): { check: () => void; until: (holds: () => boolean) => Promise<void> } {
  const waiting = new Set<() => void>();
  return {
    check: () => waiting.forEach((check) => check()),
    until: (holds) => {
      const isSo = new Promise<void>((resolve) => {
        const check = (): void => {
          if (holds()) {
            waiting.delete(check);
            resolve();
          }
        };
        waiting.add(check);
        check();
      });
      return patiently(isSo, () => holds.toString());
    },
  };
}
