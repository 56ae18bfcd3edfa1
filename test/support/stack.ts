/**
 * The whole system for an end-to-end test: a vCenter simulator, `vbmcd` and `vbmc` as a user runs them, in a temporary
 * HOME and on free ports.
 */
import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export const bin = (name: string): string => path.resolve(import.meta.dirname, "../../../bin", `${name}.js`);

/** A bundle that is older than what tsc made last is not what is to be tested. */
const isBundleStale = (): boolean => {
  const dist = path.resolve(import.meta.dirname, "../..");
  const bundle = statSync(path.join(dist, "bundle/package.json"), { throwIfNoEntry: false });
  if (bundle === undefined) return false;
  const modules = readdirSync(path.join(dist, "src"), { recursive: true, encoding: "utf8" });
  return modules.some((file) => statSync(path.join(dist, "src", file)).mtimeMs > bundle.mtimeMs);
};
if (isBundleStale()) throw new Error("dist/bundle is older than dist/src: npm run bundle");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; never throws for an exit code. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: options.env ?? process.env, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** Whether a program is installed. */
export function isCommand(name: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$0"', name]).status === 0;
}

export interface Daemon {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly vbmc: (...args: string[]) => Promise<Outcome>;
  /** All log output so far: the daemon runs in the foreground. */
  readonly log: () => string;
  /** Resolves when the log holds the text. */
  readonly logged: (text: string | RegExp) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** `extraConfiguration` is appended to virtualbmc.conf. */
export async function startDaemon(extraConfiguration = ""): Promise<Daemon> {
  const home = await mkdtemp(path.join(tmpdir(), "vbmc-e2e-"));
  const configFile = path.join(home, "virtualbmc.conf");
  const port = await freeTcpPort();
  // A start waits for its BMC as long as this, which on a loaded machine is longer than the default of 5 s.
  const base = `[default]\nserver_port = ${port}\nserver_response_timeout = 60000\n`;
  await writeFile(configFile, `${base}${extraConfiguration}`);
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, VIRTUALBMC_CONFIG: configFile, NO_COLOR: "1" };
  const daemon = spawn(process.execPath, [bin("vbmcd"), "--foreground"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(daemon, "exit");
  let log = "";
  const onLog = new Set<() => void>();
  const take = (text: string): void => {
    log += text;
    onLog.forEach((check) => check());
  };
  daemon.stdout.setEncoding("utf8").on("data", take);
  daemon.stderr.setEncoding("utf8").on("data", take);
  const vbmc = (...args: string[]): Promise<Outcome> => run(process.execPath, [bin("vbmc"), ...args], { env });
  await listens(port, exited, () => log);
  return {
    home,
    env,
    vbmc,
    log: () => log,
    logged: (text) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (typeof text === "string" ? log.includes(text) : text.test(log)) {
            onLog.delete(check);
            resolve();
          }
        };
        onLog.add(check);
        check();
      }),
    close: async () => {
      daemon.kill("SIGTERM");
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Resolves when the control port accepts connections; rejects when the daemon ends before. */
async function listens(port: number, exited: Promise<unknown>, log: () => string): Promise<void> {
  const ended = exited.then(() => {
    throw new Error(`vbmcd ended: ${log()}`);
  });
  while (!(await Promise.race([accepts(port), ended]))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  ended.catch(() => undefined);
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A port that is free on all addresses, IPv4 and IPv6. */
/** Those that the tests of this process have been given: the kernel may draw one twice. */
const givenPorts = new Set<number>();

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket({ type: "udp6" });
  socket.bind(0, "::");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  if (givenPorts.has(port)) {
    return freeUdpPort();
  }
  givenPorts.add(port);
  return port;
}

/** The pid of the daemon, from its pid file. */
export async function daemonPid(daemon: Daemon): Promise<number> {
  return Number(await readFile(path.join(daemon.home, ".vbmc", "master.pid"), "utf8"));
}

/** Below the range from which the kernel takes ports for sockets that ask for any: nobody takes one before its BMC does. */
const firstPort = 20_000;

/** So many ports that are free on an address, which nobody else should use. */
export async function freeUdpPorts(count: number, address: string): Promise<number[]> {
  const ports: number[] = [];
  for (let port = firstPort; ports.length < count; port++) {
    if (await isFree(port, address)) {
      ports.push(port);
    }
  }
  return ports;
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, address, () => socket.close(() => resolve(true)));
  });
}
