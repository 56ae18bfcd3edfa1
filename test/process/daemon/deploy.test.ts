import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import * as v from "valibot";
import { parse, parseAllDocuments } from "yaml";

import { shardOf } from "../../../src/process/supervisor/shard.js";
import { kubernetesObject } from "../../support/kubernetesObjects.js";
import { freeTcpPort } from "../../support/ports.js";
import { repository } from "../../support/repository.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { until, vbmcdScript } from "./daemonHome.js";

const root = temporaryFolder();
const deployed = (name: string) => readFileSync(path.join(repository, "deploy", name), "utf8");

const documents = parseAllDocuments(deployed("kubernetes/vbmcd.yaml"));
const manifests = documents.map((document) => v.parse(kubernetesObject, document.toJS()));
const services = manifests.filter((each) => each.kind === "Service");
const [set] = manifests.filter((each) => each.kind === "StatefulSet");
const [container] = set?.spec.template.spec.containers ?? [];

test("the compose file builds the Dockerfile that is there", () => {
  const { services } = parse(deployed("compose.yaml")) as {
    services: { vbmcd: { build: { context: string; dockerfile: string } } };
  };
  const { context, dockerfile } = services.vbmcd.build;
  assert.ok(readFileSync(path.join(repository, "deploy", context, dockerfile), "utf8").includes("FROM"));
});

test("the Kubernetes manifests are YAML without a fault, and a field that Kubernetes does not know would be seen", () => {
  assert.deepEqual(
    documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
    [],
  );
  const object = documents[0]?.toJS() as object;
  assert.equal(v.safeParse(kubernetesObject, { ...object, metdata: {} }).success, false);
});

test("the Kubernetes manifests agree on the number of shards", () => {
  const replicas = container?.env.find(({ name }) => name === "REPLICAS")?.value;
  assert.equal(replicas, String(set?.spec.replicas));
});

test("the Kubernetes manifests fit together: selectors and labels, the headless service, volumes and their mounts", () => {
  const { labels } = set?.spec.template.metadata ?? {};
  assert.deepEqual(set?.spec.selector.matchLabels, labels);
  const headless = services.find(({ metadata }) => metadata.name === set?.spec.serviceName);
  assert.deepEqual([headless?.spec.clusterIP, headless?.spec.selector], ["None", labels]);
  const pods = Array.from({ length: set?.spec.replicas ?? 0 }, (_, index) => `${set?.metadata.name ?? ""}-${index}`);
  const perBmc = services.filter((service) => service !== headless);
  assert.ok(perBmc.length > 0);
  for (const { spec } of perBmc) {
    assert.ok(pods.includes(spec.selector["statefulset.kubernetes.io/pod-name"] ?? ""));
    const ports = spec.ports ?? [];
    assert.ok(ports.every(({ name, protocol }) => protocol === (name === "redfish" ? "TCP" : "UDP")));
    assert.ok(ports.some(({ protocol }) => protocol === "UDP"));
  }
  const volumes = set?.spec.template.spec.volumes ?? [];
  assert.deepEqual(
    volumes.map(({ name }) => name),
    container?.volumeMounts.map(({ name }) => name),
  );
  const configMaps = manifests.filter((each) => each.kind === "ConfigMap").map(({ metadata }) => metadata.name);
  for (const { configMap } of volumes) {
    assert.ok(configMap === undefined || configMaps.includes(configMap.name));
  }
});

test("a pod's start script serves the pod's shard of the BMCs in the Secret", async () => {
  const script = manifests.find((each) => each.kind === "ConfigMap")?.data["start"] ?? "";
  const [home, secret, bin] = ["home", "secret", "bin"].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, secret, bin]) {
    mkdirSync(folder);
  }
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
