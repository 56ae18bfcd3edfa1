/** The Dockerfile and what runs it, as far as that can be told without a container engine and its registry. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { parse, parseAllDocuments } from "yaml";

import { until } from "../../support/patience.js";
import { createPrivateRoot, needsPrivateRoot } from "../../support/privateRoot.js";
import { repository } from "../../support/repository.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");

/** Instructions in their order, continued lines joined. */
const instructions = read("deploy/Dockerfile")
  .replace(/\\\n/g, " ")
  .split("\n")
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => line.split(/\s+/));
const lastFrom = instructions.map(([name]) => name).lastIndexOf("FROM");
const [firstStage, lastStage] = [instructions.slice(0, lastFrom), instructions.slice(lastFrom)];
const ofStage = (stage: typeof instructions, name: string) =>
  stage.filter(([each]) => each === name).map(([, ...words]) => words.join(" "));
const ofLastStage = (name: string) => ofStage(lastStage, name);

test("the image is built in two stages, and the last one runs as a user of its own", () => {
  assert.equal(instructions.filter(([name]) => name === "FROM").length, 2);
  assert.deepEqual(ofLastStage("USER"), ["node"]);
  assert.ok(lastStage.findIndex(([name]) => name === "USER") < lastStage.findIndex(([name]) => name === "ENTRYPOINT"));
});

test("what is left out of the context is what the build makes, or has no use for", () => {
  const ignored = read(".dockerignore").split("\n");
  for (const folder of ["node_modules", "dist", ".git"]) {
    assert.ok(ignored.includes(folder), folder);
  }
});

test(
  "the image: built here as the Dockerfile says, its daemon runs as its user on files that cannot be written",
  { skip: needsPrivateRoot },
  async (context) => {
    const folder = temporaryFolder();
    const machine = await createPrivateRoot(folder);
    context.after(() => machine.close());
    const shell = async (script: string): Promise<string> => {
      const { code, stdout, stderr } = await machine.run("sh", "-ec", script);
      assert.equal(code, 0, `${script}\n${stdout}${stderr}`);
      return stdout;
    };
    const ignored = read(".dockerignore").split("\n");
    const sources = readdirSync(repository).filter((name) => !ignored.includes(name));
    await shell(`mkdir /src && cd ${repository} && cp -r ${sources.join(" ")} /src`);
    const [installed, ...commands] = ofStage(firstStage, "RUN");
    assert.match(installed ?? "", /^npm ci /);
    await shell(`ln -s ${repository}/node_modules /src/node_modules`);
    for (const command of commands) {
      await shell(`cd /src && COMMIT=0123456789ab TARGETARCH= && ${command}`);
    }
    await shell(
      "cp -a /image/. / && useradd --no-create-home node && chown -R node:node /state && cp -a /state/. /var/lib",
    );
    await shell(
      "rm -rf /src && mount -t tmpfs -o mode=700,uid=$(id -u node) tmpfs /var/lib/vbmc && mount -o remount,ro /",
    );
    const asUser = ["setpriv", "--reuid=node", "--regid=node", "--init-groups", "env", ...ofLastStage("ENV")];
    const inImage = [...asUser, `PATH=/usr/local/bin:${path.dirname(process.execPath)}:/usr/bin:/bin`];
    const daemon = machine.start(...inImage, ...(JSON.parse(ofLastStage("ENTRYPOINT").join()) as string[]));
    let log = "";
    daemon.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
    await until(`the daemon is up: ${log}`, () => log.includes("started"));
    const { code, stderr } = await machine.run(...inImage, "vbmc", "check", "-f", "value");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match((await machine.run(...inImage, "vbmc", "--version")).stdout, /^commit 0123456789ab, /m);
    assert.notEqual((await machine.run("touch", "/opt/vbmc4vsphere/new")).code, 0);
  },
);

test("the image's Node is one that package.json allows and CI tests", () => {
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  const minimum = Number(/\d+/.exec(engines.node)?.[0]);
  const tested = /node: \[([\d, ]+)\]/.exec(read(".github/workflows/verify.yml"))?.[1]?.split(", ").map(Number) ?? [];
  for (const [, ...words] of instructions.filter(([name]) => name === "FROM")) {
    const image = words.find((word) => !word.startsWith("--")) ?? "";
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

  const set = parseAllDocuments(read("deploy/kubernetes/base/vbmcd.yaml"))
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
