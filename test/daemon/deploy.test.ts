import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { shardOf } from "../../src/daemon/shard.js";
import { freeTcpPort } from "../support/stack.js";
import { temporaryFolder } from "../support/temporaryFolder.js";
import { until, vbmcdScript } from "./daemonHome.js";

const root = temporaryFolder();
const repository = path.resolve(import.meta.dirname, "../../..");
const deployed = (name: string) => readFileSync(path.join(repository, "deploy", name), "utf8");

interface Manifest {
  readonly kind: string;
  readonly data?: { readonly start: string };
  readonly spec?: { readonly replicas?: number; readonly template?: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly containers: readonly { readonly env: readonly { readonly name: string; readonly value: string }[] }[];
}

const manifests = parseAllDocuments(deployed("kubernetes/vbmcd.yaml")).map((document) => document.toJS() as Manifest);

test("the compose file builds the Dockerfile that is there", () => {
  const { services } = parse(deployed("compose.yaml")) as {
    services: { vbmcd: { build: { context: string; dockerfile: string } } };
  };
  const { context, dockerfile } = services.vbmcd.build;
  assert.ok(readFileSync(path.join(repository, "deploy", context, dockerfile), "utf8").includes("FROM"));
});

test("the Kubernetes manifests agree on the number of shards", () => {
  const { spec } = manifests.find(({ kind }) => kind === "StatefulSet") ?? {};
  const replicas = spec?.template?.spec.containers[0]?.env.find(({ name }) => name === "REPLICAS")?.value;
  assert.equal(replicas, String(spec?.replicas));
});

test("a pod's start script serves the pod's shard of the BMCs in the Secret", async () => {
  const script = manifests.find(({ kind }) => kind === "ConfigMap")?.data?.start ?? "";
  const [home, secret, bin] = ["home", "secret", "bin"].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, secret, bin]) mkdirSync(folder);
  const names = ["vm1", "vm2", "vm3", "vm4"];
  for (const name of names) {
    writeFileSync(
      path.join(secret, name),
      "[VirtualBMC]\nusername = u\npassword = p\nport = 6230\naddress = 127.0.0.1\n",
    );
  }
  symlinkSync(vbmcdScript, path.join(bin, "vbmcd"));
  const port = await freeTcpPort();
  const local = script
    .replaceAll("/etc/vbmc/", `${secret}/`)
    .replace("[default]\\n", `[default]\\nserver_port = ${port}\\n`);
  const pod = spawn("/bin/sh", ["-c", local], {
    env: {
      PATH: `${bin}:${path.dirname(process.execPath)}:/bin:/usr/bin`,
      HOME: home,
      HOSTNAME: "vbmcd-1",
      REPLICAS: "3",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  pod.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  await until(`the daemon is up: ${log}`, () => log.includes("started"));
  pod.kill("SIGTERM");
  assert.deepEqual(await once(pod, "exit"), [0, null]);
  assert.match(readFileSync(path.join(home, ".vbmc", "virtualbmc.conf"), "utf8"), /^shard = 1\/3$/m);
  const folders = readdirSync(path.join(home, ".vbmc"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(folders.map(({ name }) => name).sort(), names, "each pod has them all, and serves its own");
  assert.equal(shardOf("vm2", 3), 1);
});
