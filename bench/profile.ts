/**
 * Where the time of one BMC goes: `node dist/bench/profile.js requests` (or `setups`) runs a BMC child under the V8
 * profiler, puts load on it and prints the functions that took most of it, without what they called.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { FromChild, ToChild } from "../src/process/ipc/child.js";
import { freeUdpPort } from "../test/support/ports.js";
import { startLoadClient } from "./load/loadClient.js";
import type { Job } from "./load/messages.js";

const shown = 30;
const kind = process.argv[2] === "setups" ? "setups" : "requests";

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
  const child = fork(new URL("../src/process/child/main.js", import.meta.url), {
    execArgv: ["--cpu-prof", `--cpu-prof-dir=${directory}`, "--cpu-prof-interval=200"],
  });
  const exited = once(child, "exit");
  const tell = (message: ToChild): void => void child.send(message);
  tell({ type: "serve", bmc: configurationOf(port) });
  const snapshot = { powerState: "poweredOn" } as const;
  tell({ type: "machineReport", vmName: "profiled", report: { fresh: true, snapshot } });
  const ready = new Promise<void>((resolve, reject) => {
    child.on("message", (message: FromChild) => {
      if (message.type === "ready") {
        resolve();
      } else if (message.type === "failed") {
        reject(new Error(message.reason));
      }
    });
  });
  await ready;
  const load = startLoadClient();
  const common = { target: { port }, clients: 16, seconds: 5 };
  const job: Job = kind === "setups" ? { kind, ...common } : { kind, ...common, netFn: 0x00, command: 0x01 };
  const { count, seconds } = await load.run(job);
  console.log(`${Math.round(count / seconds)} ${kind}/s under the profiler`);
  load.close();
  tell({ type: "stop" });
  await exited;
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
