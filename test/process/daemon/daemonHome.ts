/** A HOME for a vbmcd under test: its own folder, control port and configuration, and a plain control socket. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { Request } from "zeromq";

import { until } from "../../support/patience.js";
import { freeTcpPort, freeUdpPort } from "../../support/ports.js";
import { type Outcome, run } from "../../support/programs.js";
import { inRepository } from "../../support/repository.js";

export const vbmcdScript = inRepository("bin/vbmcd.js");

export interface Reply {
  readonly rc: number;
  readonly msg?: readonly string[];
  readonly rows?: readonly (readonly (string | number | null)[])[];
}

/** Whether there is such a process, zombies not counted. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

export interface DaemonHome {
  readonly home: string;
  readonly port: number;
  readonly configDir: string;
  readonly pidFile: string;
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
  /** What the log file holds. */
  readonly log: string;
  readonly configure: (settings: string, debug?: boolean) => void;
  /** Runs vbmcd until its process ends, as a shell would. */
  readonly vbmcd: (...args: string[]) => Promise<Outcome>;
  /** Starts it in the background. @throws with what it says when it does not start */
  readonly start: () => Promise<number>;
  /** Ends a daemon that may run, even when its folder has gone before it. */
  readonly end: (signal?: NodeJS.Signals) => Promise<void>;
  readonly request: (request: Readonly<Record<string, unknown>>) => Promise<Reply>;
  /** Gives up all requests that wait for their reply. */
  readonly hangUp: () => void;
  /** Adds a BMC on a free port of 127.0.0.1; resolves to the port. */
  readonly add: (name: string, changes?: Readonly<Record<string, unknown>>) => Promise<number>;
  readonly command: (command: "start" | "stop" | "delete", ...names: string[]) => Promise<Reply>;
  /** name → status */
  readonly list: () => Promise<Record<string, unknown>>;
  readonly show: (name: string, long?: boolean) => Promise<Record<string, unknown>>;
  readonly file: (name: string) => string;
  /** Changes a BMC's file as an editor does. */
  readonly edit: (name: string, from: RegExp, to: string) => void;
}

/** @param settings lines for `[default]` */
export async function createDaemonHome(
  home: string,
  settings = "server_auth = none\nserver_response_timeout = 20000\n",
): Promise<DaemonHome> {
  const port = await freeTcpPort();
  const configDir = path.join(home, ".vbmc");
  const pidFile = path.join(configDir, "master.pid");
  const logFile = path.join(home, "log", "vbmcd.log");
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, VIRTUALBMC_CONFIG: "" };
  const asking = new Set<Request>();
  let startedPid: number | undefined;

  const readPid = (): number => Number(readFileSync(pidFile, "utf8"));
  const vbmcd = (...args: string[]): Promise<Outcome> => run(process.execPath, [vbmcdScript, ...args], { env });
  const file = (name: string): string => path.join(configDir, name, "config");

  function configure(lines: string, debug = false): void {
    writeFileSync(
      path.join(configDir, "virtualbmc.conf"),
      `[default]\nserver_port = ${port}\n${lines}[log]\nlogfile = ${logFile}\ndebug = ${debug}\n`,
    );
  }

  async function request(asked: Readonly<Record<string, unknown>>): Promise<Reply> {
    const socket = new Request({ linger: 0, receiveTimeout: 30_000 });
    asking.add(socket);
    try {
      socket.connect(`tcp://127.0.0.1:${port}`);
      await socket.send(JSON.stringify(asked));
      const [reply] = await socket.receive();
      return JSON.parse(String(reply)) as Reply;
    } finally {
      asking.delete(socket);
      socket.close();
    }
  }

  mkdirSync(configDir, { recursive: true, mode: 0o700 });
  configure(settings);
  return {
    home,
    port,
    configDir,
    pidFile,
    logFile,
    env,
    get pid() {
      return readPid();
    },
    get log() {
      return readFileSync(logFile, "utf8");
    },
    configure,
    vbmcd,
    start: async () => {
      const { code, stderr } = await vbmcd();
      if (code !== 0) {
        throw new Error(`vbmcd: ${stderr}`);
      }
      startedPid = readPid();
      return startedPid;
    },
    end: async (signal = "SIGTERM") => {
      const pid = existsSync(pidFile) ? readPid() : startedPid;
      if (pid === undefined || !isAlive(pid)) {
        return;
      }
      process.kill(pid, signal);
      await until("the daemon ends", () => !isAlive(pid));
    },
    request,
    hangUp: () => asking.forEach((socket) => socket.close()),
    add: async (name, changes = {}) => {
      const bmcPort = await freeUdpPort();
      const { rc, msg } = await request({
        command: "add",
        vm_name: name,
        username: "admin",
        password: "pa55word",
        port: bmcPort,
        address: "127.0.0.1",
        ...changes,
      });
      if (rc !== 0) {
        throw new Error(msg?.join("\n"));
      }
      return bmcPort;
    },
    command: (command, ...names) => request({ command, vm_names: names }),
    list: async () => {
      const { rows = [] } = await request({ command: "list" });
      return Object.fromEntries(rows.map(([name, status]) => [String(name), status]));
    },
    show: async (name, long = false) => {
      const { rows = [] } = await request({ command: "show", vm_name: name, long });
      return Object.fromEntries(rows.map(([key, value]) => [String(key), value]));
    },
    file,
    edit: (name, from, to) => writeFileSync(file(name), readFileSync(file(name), "utf8").replace(from, to)),
  };
}
