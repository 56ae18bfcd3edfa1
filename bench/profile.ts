/**
 * Where the time of one BMC goes: `npm run bundle && node --import tsx bench/profile.ts requests` (or `setups`, or
 * `redfish`) runs a BMC child under the V8 profiler, puts load on it and prints the functions that took most of it,
 * without what they called.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { makeSelfSigned } from "../src/process/daemon/selfSigned.js";
import type { FromChild, ToChild } from "../src/process/ipc/child.js";
import { ask } from "../test/support/httpsClient.js";
import { freeUdpPort } from "../test/support/ports.js";
import { inRepository } from "../test/support/repository.js";
import { startHttpsLoad } from "./load/httpsLoad.js";
import { startLoadClient } from "./load/loadClient.js";
import type { Job } from "./load/messages.js";

const shown = 30;
const clients = 16;
const loadSeconds = 5;
const [, , kind = "requests"] = process.argv;

const directory = await mkdtemp(path.join(tmpdir(), "vbmc-profile-"));
try {
  await underLoad();
  const [file] = await readdir(directory);
  report(JSON.parse(await readFile(path.join(directory, file ?? ""), "utf8")) as Profile);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function underLoad(): Promise<void> {
  const port = await freeUdpPort();
  const child = fork(inRepository("dist/bundle/process/child/main.js"), {
    execArgv: ["--cpu-prof", `--cpu-prof-dir=${directory}`, "--cpu-prof-interval=200"],
  });
  const exited = once(child, "exit");
  const tell = (message: ToChild): void => void child.send(message);
  if (kind === "redfish") {
    tell({ type: "certificate", ...(await makeSelfSigned(["127.0.0.1"])) });
  }
  tell({ type: "serve", bmc: configurationOf(port) });
  const snapshot = { powerState: "poweredOn", changeVersion: "1", firmware: "efi" } as const;
  tell({ type: "machineReport", vmName: "profiled", report: { fresh: true, snapshot } });
  const ready = new Promise<void>((resolve, reject) => {
    child.on("message", (message: FromChild) => {
      if (message.type === "ready") {
        resolve();
      } else if (message.type === "failed") {
        reject(new Error(message.reason));
      } else if (message.type === "operation") {
        // The VM boots by its own order: the only thing that a System asks for.
        tell({ type: "operationResult", id: message.id, result: { ok: true, value: undefined } });
      }
    });
  });
  await ready;
  const { count, seconds } = await (kind === "redfish" ? getSystems(port) : exchangePackets(port));
  console.log(`${Math.round(count / seconds)} ${kind}/s under the profiler`);
  tell({ type: "stop" });
  await exited;
}

async function exchangePackets(port: number): Promise<{ count: number; seconds: number }> {
  const load = startLoadClient();
  const common = { target: { port }, clients, seconds: loadSeconds };
  const job: Job =
    kind === "setups" ? { kind, ...common } : { kind: "requests", ...common, netFn: 0x00, command: 0x01 };
  return load.run(job).finally(load.close);
}

async function getSystems(port: number): Promise<{ count: number; seconds: number }> {
  const json = { UserName: "admin", Password: "password" };
  const { headers } = await ask({ port, path: "/redfish/v1/SessionService/Sessions", method: "POST", json });
  const token = String(headers["x-auth-token"]);
  const request = `GET /redfish/v1/Systems/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: ${token}\r\n\r\n`;
  const load = startHttpsLoad();
  return load.run({ port, request, clients, seconds: loadSeconds }).finally(load.close);
}

function configurationOf(port: number): Extract<ToChild, { type: "serve" }>["bmc"] {
  return {
    vmName: "profiled",
    firmwareVersion: "0.0.0",
    address: "127.0.0.1",
    port,
    username: "admin",
    password: "password",
    fakemac: "02:00:00:00:00:01",
    directory,
    ipmi: {
      sessionTimeoutSeconds: 60,
      maxSessions: 64,
      cipherSuites: [3, 17],
      ipmi15Auth: [],
      badPasswordThreshold: 0,
      badPasswordResetSeconds: 300,
      badPasswordLockoutSeconds: 300,
    },
    ...(kind === "redfish" && {
      redfish: { port, sessionTimeoutSeconds: 1_800, maxSessions: 64, maxConnections: 256, allowsEventLoopback: false },
    }),
  };
}

/** What `--cpu-prof` writes, as far as it is of interest here. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

function report({ nodes, samples, timeDeltas }: Profile): void {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const own = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = names.get(id) ?? "?";
    own.set(name, (own.get(name) ?? 0) + (timeDeltas[index] ?? 0));
  });
  own.delete("(idle)");
  const total = [...own.values()].reduce((sum, value) => sum + value, 0);
  const sorted = [...own].sort(([, a], [, b]) => b - a);
  for (const [name, microseconds] of sorted.slice(0, shown)) {
    console.log(`${((microseconds / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
  }
}

function nameOf({ functionName, url, lineNumber }: Profile["nodes"][number]["callFrame"]): string {
  const place = url === "" ? "" : ` ${url.replace(/^.*\/dist\/src\//, "")}:${lineNumber + 1}`;
  return `${functionName === "" ? "(anonymous)" : functionName}${place}`;
}
