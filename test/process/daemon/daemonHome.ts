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

export class DaemonHome {
  readonly configDir: string;
  readonly pidFile: string;
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #asking = new Set<Request>();
  #startedPid: number | undefined;

  private constructor(
    readonly home: string,
    readonly port: number,
  ) {
    this.configDir = path.join(home, ".vbmc");
    this.pidFile = path.join(this.configDir, "master.pid");
    this.logFile = path.join(home, "log", "vbmcd.log");
    this.env = { ...process.env, HOME: home, VIRTUALBMC_CONFIG: "" };
  }

  /** @param settings lines for `[default]` */
  static async create(
    home: string,
    settings = "server_auth = none\nserver_response_timeout = 20000\n",
  ): Promise<DaemonHome> {
    const daemonHome = new DaemonHome(home, await freeTcpPort());
    mkdirSync(daemonHome.configDir, { recursive: true, mode: 0o700 });
    daemonHome.configure(settings);
    return daemonHome;
  }

  configure(settings: string, debug = false): void {
    writeFileSync(
      path.join(this.configDir, "virtualbmc.conf"),
      `[default]\nserver_port = ${this.port}\n${settings}[log]\nlogfile = ${this.logFile}\ndebug = ${debug}\n`,
    );
  }

  /** Runs vbmcd until its process ends, as a shell would. */
  vbmcd(...args: string[]): Promise<Outcome> {
    return run(process.execPath, [vbmcdScript, ...args], { env: this.env });
  }

  /** Starts it in the background. @throws with what it says when it does not start */
  async start(): Promise<number> {
    const { code, stderr } = await this.vbmcd();
    if (code !== 0) {
      throw new Error(`vbmcd: ${stderr}`);
    }
    this.#startedPid = this.pid;
    return this.pid;
  }

  get pid(): number {
    return Number(readFileSync(this.pidFile, "utf8"));
  }

  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }

  /** Ends a daemon that may run, even when its folder has gone before it. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const pid = existsSync(this.pidFile) ? this.pid : this.#startedPid;
    if (pid === undefined || !isAlive(pid)) {
      return;
    }
    process.kill(pid, signal);
    await until("the daemon ends", () => !isAlive(pid));
  }

  async request(request: Readonly<Record<string, unknown>>): Promise<Reply> {
    const socket = new Request({ linger: 0, receiveTimeout: 30_000 });
    this.#asking.add(socket);
    try {
      socket.connect(`tcp://127.0.0.1:${this.port}`);
      await socket.send(JSON.stringify(request));
      const [reply] = await socket.receive();
      return JSON.parse(String(reply)) as Reply;
    } finally {
      this.#asking.delete(socket);
      socket.close();
    }
  }

  /** Gives up all requests that wait for their reply. */
  hangUp(): void {
    for (const socket of this.#asking) {
      socket.close();
    }
  }

  /** Adds a BMC on a free port of 127.0.0.1; resolves to the port. */
  async add(name: string, changes: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const port = await freeUdpPort();
    const request = {
      command: "add",
      vm_name: name,
      username: "admin",
      password: "pa55word",
      port,
      address: "127.0.0.1",
    };
    const { rc, msg } = await this.request({ ...request, ...changes });
    if (rc !== 0) {
      throw new Error(msg?.join("\n"));
    }
    return port;
  }

  async command(command: "start" | "stop" | "delete", ...names: string[]): Promise<Reply> {
    return this.request({ command, vm_names: names });
  }

  /** name → status */
  async list(): Promise<Record<string, unknown>> {
    const { rows = [] } = await this.request({ command: "list" });
    return Object.fromEntries(rows.map(([name, status]) => [String(name), status]));
  }

  async show(name: string, long = false): Promise<Record<string, unknown>> {
    const { rows = [] } = await this.request({ command: "show", vm_name: name, long });
    return Object.fromEntries(rows.map(([key, value]) => [String(key), value]));
  }

  file(name: string): string {
    return path.join(this.configDir, name, "config");
  }

  /** Changes a BMC's file as an editor does. */
  edit(name: string, from: RegExp, to: string): void {
    writeFileSync(this.file(name), readFileSync(this.file(name), "utf8").replace(from, to));
  }
}
