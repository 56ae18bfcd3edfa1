/** The Dockerfile and what runs it, as far as that can be told without a container engine. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { parse, parseAllDocuments } from "yaml";

import { repository } from "../../support/repository.js";

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");

/** Instructions in their order, continued lines joined. */
const instructions = read("deploy/Dockerfile")
  .replace(/\\\n/g, " ")
  .split("\n")
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => line.split(/\s+/));
const lastStage = instructions.slice(instructions.map(([name]) => name).lastIndexOf("FROM"));
const ofLastStage = (name: string) =>
  lastStage.filter(([each]) => each === name).map(([, ...words]) => words.join(" "));

test("the image is built in two stages, and the last one runs as a user of its own", () => {
  assert.equal(instructions.filter(([name]) => name === "FROM").length, 2);
  assert.deepEqual(ofLastStage("USER"), ["node"]);
  assert.ok(lastStage.findIndex(([name]) => name === "USER") < lastStage.findIndex(([name]) => name === "ENTRYPOINT"));
});

test("what the last stage takes from the first is in the repository, or made by its build", () => {
  const sources = ofLastStage("COPY").flatMap((line) => line.split(" ").filter((word) => word.startsWith("/src/")));
  const made = new Set(["/src/dist/bundle", "/src/node_modules"]);
  assert.ok(sources.length >= 4);
  for (const source of sources) {
    assert.ok(made.has(source) || existsSync(path.join(repository, source.replace("/src/", ""))), source);
  }
  const ignored = read(".dockerignore").split("\n");
  for (const folder of ["node_modules", "dist", ".git"]) {
    assert.ok(ignored.includes(folder), folder);
  }
});

test("the image's Node is one that package.json allows and CI tests", () => {
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  const minimum = Number(/\d+/.exec(engines.node)?.[0]);
  const tested = /node: \[([\d, ]+)\]/.exec(read(".github/workflows/verify.yml"))?.[1]?.split(", ").map(Number) ?? [];
  for (const [, image = ""] of instructions.filter(([name]) => name === "FROM")) {
    const release = Number(/^node:(\d+)-/.exec(image)?.[1]);
    assert.ok(release >= minimum && tested.includes(release), image);
  }
});

test("the container is healthy when `vbmc check` says so", () => {
  assert.match(ofLastStage("HEALTHCHECK").join(), /CMD \["vbmc", "check", "-f", "value"\]$/);
});

test("compose and Kubernetes run it without privileges, with a root file system that cannot be written", () => {
  const { services } = parse(read("deploy/compose.yaml")) as {
    services: { vbmcd: { cap_drop: string[]; read_only: boolean; security_opt: string[] } };
  };
  const { cap_drop, read_only, security_opt } = services.vbmcd;
  assert.deepEqual([cap_drop, read_only, security_opt], [["ALL"], true, ["no-new-privileges:true"]]);

  const set = parseAllDocuments(read("deploy/kubernetes/vbmcd.yaml"))
    .map((document) => document.toJS() as { kind: string; spec: { template: { spec: PodSpec } } })
    .find(({ kind }) => kind === "StatefulSet");
  const pod = set?.spec.template.spec;
  assert.deepEqual(
    [pod?.automountServiceAccountToken, pod?.securityContext.runAsNonRoot, pod?.securityContext.seccompProfile],
    [false, true, { type: "RuntimeDefault" }],
  );
  assert.deepEqual(pod?.containers[0]?.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly seccompProfile: unknown };
  readonly containers: readonly { readonly securityContext: unknown }[];
}
