/** The Kubernetes manifests and the compose file: whether their parts fit together, and what their scripts do. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import * as v from "valibot";
import { parse, parseAllDocuments } from "yaml";

import { shardOf } from "../../../src/process/supervisor/shard.js";
import { loadConfig } from "../../../src/settings/config/loadConfig.js";
import { kubernetesObject, kustomization } from "../../support/kubernetesObjects.js";
import { until } from "../../support/patience.js";
import { freeTcpPort } from "../../support/ports.js";
import { inRepository } from "../../support/repository.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";
import { vbmcdScript } from "./daemonHome.js";

const root = temporaryFolder();
const deployed = (name: string) => readFileSync(inRepository("deploy", name), "utf8");

const documents = parseAllDocuments(deployed("kubernetes/base/vbmcd.yaml"));
const objectsOf = (all: typeof documents) => all.map((document) => v.parse(kubernetesObject, document.toJS()));
const manifests = objectsOf(documents);
const services = manifests.filter((each) => each.kind === "Service");
const [set] = manifests.filter((each) => each.kind === "StatefulSet");
const pod = set?.spec.template.spec;
const [container] = pod?.containers ?? [];
const [values, base] = ["kubernetes", "kubernetes/base"].map((folder) =>
  v.parse(kustomization, parse(deployed(`${folder}/kustomization.yaml`))),
) as [v.InferOutput<typeof kustomization>, v.InferOutput<typeof kustomization>];

/** virtualbmc.conf as the kustomization has it, in a file; with the lines that are commented out if wanted. */
function settings(name: string, edit: (text: string) => string = (text) => text): string {
  const [literal = ""] = values.configMapGenerator.find((each) => each.name === "vbmcd-settings")?.literals ?? [];
  const [key, ...text] = literal.split("=");
  assert.equal(key, "virtualbmc.conf");
  const file = path.join(root, name);
  writeFileSync(file, edit(text.join("=")));
  return file;
}

test("the compose file builds the Dockerfile that is there", () => {
  const { services } = parse(deployed("compose.yaml")) as {
    services: { vbmcd: { build: { context: string; dockerfile: string } } };
  };
  const { context, dockerfile } = services.vbmcd.build;
  assert.ok(readFileSync(inRepository("deploy", context, dockerfile), "utf8").includes("FROM"));
});

test("the Kubernetes manifests are YAML without a fault, and a field that Kubernetes does not know would be seen", () => {
  assert.deepEqual(
    documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
    [],
  );
  const object = documents[0]?.toJS() as object;
  assert.equal(v.safeParse(kubernetesObject, { ...object, metdata: {} }).success, false);
});

test("the Kubernetes manifests fit together: labels, services, ports, probes, volumes and their mounts", () => {
  const { labels } = set?.spec.template.metadata ?? {};
  assert.deepEqual(set?.spec.selector.matchLabels, labels);
  const headless = services.find(({ metadata }) => metadata.name === set?.spec.serviceName);
  assert.deepEqual([headless?.spec.clusterIP, headless?.spec.selector], ["None", labels]);
  const first = services.filter((service) => service !== headless).map(({ spec }) => spec.selector);
  assert.deepEqual(first, [{ "statefulset.kubernetes.io/pod-name": `${set?.metadata.name ?? ""}-0` }]);

  const ports = container?.ports.map(({ name }) => name) ?? [];
  const targets = services.flatMap(({ spec }) => spec.ports ?? []).map(({ targetPort }) => targetPort);
  assert.deepEqual([...targets].sort(), [...ports].sort(), "each port is in one service");
  for (const probe of [container?.startupProbe, container?.livenessProbe, container?.readinessProbe]) {
    assert.deepEqual(probe?.httpGet, { path: "/healthz", port: "metrics" });
  }

  const volumes = [...(set?.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata), ...(pod?.volumes ?? [])];
  assert.deepEqual(
    volumes.map(({ name }) => name),
    container?.volumeMounts.map(({ name }) => name),
  );
  const generated = [...values.configMapGenerator, ...base.configMapGenerator].map(({ name }) => name);
  const used = pod?.volumes.flatMap(({ configMap }) => configMap?.name ?? []);
  assert.deepEqual([...generated].sort(), used?.sort());
});

test("what the kustomization changes is in the manifests", () => {
  assert.deepEqual(
    values.images.map(({ name }) => name),
    [container?.image],
  );
  const { version } = JSON.parse(readFileSync(inRepository("package.json"), "utf8")) as { version: string };
  assert.deepEqual(
    values.images.map(({ newTag }) => newTag),
    [version],
  );
  assert.deepEqual(
    values.replicas.map(({ name }) => name),
    [set?.metadata.name],
  );
  for (const { target } of values.patches) {
    assert.ok(
      manifests.some(({ kind, metadata }) => kind === target.kind && metadata.name === target.name),
      target.name,
    );
  }
  for (const file of [...base.resources, ...base.configMapGenerator.flatMap(({ files = [] }) => files)]) {
    assert.ok(existsSync(inRepository("deploy/kubernetes/base", file)), file);
  }
});

test("the settings are valid, as they are and with all that is commented out, and name the ports of the container", () => {
  const ports = Object.fromEntries((container?.ports ?? []).map(({ name, containerPort }) => [name, containerPort]));
  const all = settings("all.conf", (text) => text.replaceAll(/^#(?=\[|\w+ = )/gm, ""));
  for (const file of [settings("plain.conf"), all]) {
    const config = loadConfig({ VIRTUALBMC_CONFIG: file }, root);
    assert.deepEqual(config.warnings, []);
    const { web, metrics } = config;
    assert.deepEqual([web.listen?.port, metrics.listen?.port], [ports["page"], ports["metrics"]]);
  }
  const { console, redfish } = loadConfig({ VIRTUALBMC_CONFIG: all }, root);
  assert.equal(console.listen?.port, ports["console"]);
  const mounts = container?.volumeMounts.map(({ mountPath }) => mountPath);
  assert.ok(mounts?.includes(path.dirname(redfish.certificateFile ?? "")));
});

const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

test(
  "kustomize renders them: settings, number of shards, the port of a BMC",
  { skip: hasKubectl ? false : "needs kubectl" },
  () => {
    const { status, stdout, stderr } = spawnSync("kubectl", ["kustomize", inRepository("deploy/kubernetes")], {
      encoding: "utf8",
    });
    assert.deepEqual([status, stderr], [0, ""]);
    const objects = objectsOf(parseAllDocuments(stdout));
    assert.deepEqual(objects.map(({ kind }) => kind).sort(), [
      "ConfigMap",
      "ConfigMap",
      "Service",
      "Service",
      "StatefulSet",
    ]);
    assert.deepEqual(new Set(objects.map(({ metadata }) => metadata.namespace)), new Set([values.namespace]));
    const [rendered] = objects.filter((each) => each.kind === "StatefulSet");
    const environment = rendered?.spec.template.spec.containers[0]?.env ?? [];
    assert.equal(environment.find(({ name }) => name === "REPLICAS")?.value, String(rendered?.spec.replicas));
    const ports = objects.flatMap((each) => (each.kind === "Service" ? (each.spec.ports ?? []) : []));
    assert.deepEqual(
      ports.filter(({ protocol }) => protocol === "UDP").map(({ targetPort }) => targetPort),
      [6230],
    );
  },
);

const bmcFile = "[VirtualBMC]\nusername = u\npassword = p\nport = 6230\naddress = 127.0.0.1\n";

/** A pod's files, with the start script looking there. */
async function createPod() {
  const [home, secret, bin] = ["home", "secret", "bin"].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, secret, bin]) {
    mkdirSync(folder);
  }
  symlinkSync(vbmcdScript, path.join(bin, "vbmcd"));
  const server = `[default]\nserver_port = ${await freeTcpPort()}`;
  const file = settings("virtualbmc.conf", (text) =>
    text.replace("[default]", server).replace(/^\[(web|metrics)\]\nlisten = .*$/gm, ""),
  );
  const script = deployed("kubernetes/base/start.sh")
    .replace("/etc/vbmcd/settings/virtualbmc.conf", file)
    .replace("/etc/vbmcd/bmcs", secret);
  const PATH = `${bin}:${path.dirname(process.execPath)}:/bin:/usr/bin`;
  return {
    secret,
    folder: path.join(home, ".vbmc"),
    /** Until its daemon has started, and ended. */
    run: async () => {
      const pod = spawn("/bin/sh", ["-c", script], {
        env: { PATH, HOME: home, HOSTNAME: "vbmcd-1", REPLICAS: "3" },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let log = "";
      pod.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
      await until(`the daemon is up: ${log}`, () => log.includes("started"));
      pod.kill("SIGTERM");
      assert.deepEqual(await once(pod, "exit"), [0, null]);
    },
  };
}

test("a pod serves its shard of the BMCs in the Secret, and keeps what was added beside them", async () => {
  const pod = await createPod();
  const bmcs = () =>
    readdirSync(pod.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort();
  for (const name of ["vm1", "vm2", "vm3", "vm4"]) {
    writeFileSync(path.join(pod.secret, name), bmcFile);
  }
  await pod.run();
  assert.match(readFileSync(path.join(pod.folder, "virtualbmc.conf"), "utf8"), /^\[default\]\nshard = 1\/3$/m);
  assert.deepEqual(bmcs(), ["vm1", "vm2", "vm3", "vm4"], "each pod has them all, and serves its own");
  assert.equal(shardOf("vm2", 3), 1);

  mkdirSync(path.join(pod.folder, "added"));
  writeFileSync(path.join(pod.folder, "added/config"), bmcFile);
  writeFileSync(path.join(pod.folder, "vm2/sel.journal"), "");
  rmSync(path.join(pod.secret, "vm3"));
  await pod.run();
  assert.deepEqual(bmcs(), ["added", "vm1", "vm2", "vm4"]);
  assert.ok(existsSync(path.join(pod.folder, "vm2/sel.journal")));

  for (const name of readdirSync(pod.secret)) {
    rmSync(path.join(pod.secret, name));
  }
  await pod.run();
  assert.deepEqual(bmcs(), ["added", "vm1", "vm2", "vm4"], "a Secret that is missing takes nothing away");
});
