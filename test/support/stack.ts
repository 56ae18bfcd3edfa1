/**
 * The whole system for an end-to-end test: a vCenter simulator, `vbmcd` and `vbmc` as a user runs them, in a temporary
 * HOME and on free ports.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { isBundleStale } from "./bundle.js";
import { closedAtTheEnd } from "./leftOpen.js";
import { patiently, until } from "./patience.js";
import { freeTcpPort } from "./ports.js";
import { type Outcome, run } from "./programs.js";
import { inRepository } from "./repository.js";
import { removeFolder } from "./temporaryFolder.js";

export const bin = (name: string): string => inRepository("bin", `${name}.js`);

if (isBundleStale()) {
  throw new Error("dist/bundle is older than src: npm run bundle");
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
  const patience = extraConfiguration.includes("server_response_timeout") ? "" : "server_response_timeout = 60000\n";
  const base = `[default]\nserver_port = ${port}\n${patience}`;
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
  const close = closedAtTheEnd(async () => {
    daemon.kill("SIGTERM");
    await exited;
    await removeFolder(home);
  });
  await patiently(
    listens(port, exited, () => log),
    () => `vbmcd does not listen: ${log}`,
  );
  return {
    home,
    env,
    vbmc,
    log: () => log,
    logged: (text) => {
      const logged = new Promise<void>((resolve) => {
        const check = (): void => {
          if (typeof text === "string" ? log.includes(text) : text.test(log)) {
            onLog.delete(check);
            resolve();
          }
        };
        onLog.add(check);
        check();
      });
      return patiently(logged, () => `${String(text)} in the log, which ends with ${log.slice(-2_000)}`);
    },
    close,
  };
}

/** Resolves when the control port accepts connections; rejects when the daemon ends before. */
async function listens(port: number, exited: Promise<unknown>, log: () => string): Promise<void> {
  const ended = exited.then(() => {
    throw new Error(`vbmcd ended: ${log()}`);
  });
  await until("the control port accepts connections", () => Promise.race([accepts(port), ended]));
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

/** The pid of the daemon, from its pid file. */
export async function daemonPid(daemon: Daemon): Promise<number> {
  return Number(await readFile(path.join(daemon.home, ".vbmc", "master.pid"), "utf8"));
}
