import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import ts from "typescript";
import { parse } from "yaml";

import { repository } from "../support/repository.js";

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");

interface Job {
  readonly strategy?: { readonly matrix: { readonly node: readonly number[]; readonly shard?: readonly number[] } };
  readonly steps: readonly { readonly run?: string }[];
}

interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
}

const { jobs } = parse(read(".github/workflows/verify.yml")) as Workflow;
const commandsOf = (job: Job | undefined): string[] => job?.steps.flatMap(({ run = [] }) => run) ?? [];

test("the workflow tests on the oldest Node that package.json allows and on newer ones", () => {
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  for (const name of ["unit", "e2e"]) {
    const releases = jobs[name]?.strategy?.matrix.node ?? [];
    assert.ok(releases.length > 1, name);
    assert.equal(engines.node, `>=${releases[0]}`);
  }
});

test("the jobs of the workflow do all that npm run verify does, the end-to-end tests in shards", () => {
  const done = Object.values(jobs).flatMap(commandsOf);
  const wanted = read("scripts/verify.sh").match(/^(npm|sh) [\w:/. -]*\w/gm) ?? [];
  assert.ok(wanted.length > 5);
  const shards = jobs["e2e"]?.strategy?.matrix.shard ?? [];
  assert.ok(shards.length > 1);
  assert.deepEqual(
    shards,
    shards.map((_, index) => index + 1),
    "every shard is run",
  );
  const inShards = `npm run test:e2e -- --shard \${{ matrix.shard }}/${shards.length}`;
  for (const command of wanted.map((text) => text.replace(" --silent", ""))) {
    assert.ok(done.includes(command === "npm run test:e2e" ? inShards : command), command);
  }
});

test("npm run verify fails when a part that runs beside the others does", () => {
  const script = read("scripts/verify.sh");
  const started = [...script.matchAll(/ &\n(\w+)=\$!$/gm)].map(([, name]) => name);
  assert.equal(started.length, script.match(/ &$/gm)?.length, "each has a name");
  for (const name of started) {
    assert.match(script, new RegExp(`^wait "\\$${name}"$`, "m"));
  }
});

function importedPackages(): string[] {
  const sources = path.join(repository, "src");
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const specifiers = files.flatMap((file) =>
    ts.preProcessFile(readFileSync(path.join(sources, file), "utf8")).importedFiles.map(({ fileName }) => fileName),
  );
  const packages = specifiers.filter((specifier) => !/^(\.|node:)/.test(specifier));
  return [...new Set(packages.map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)![0]))].sort();
}

test("the package depends on what it bundles, in the versions that are bundled", () => {
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, { version: string }> };
  const locked = importedPackages().map((name) => [name, packages[`node_modules/${name}`]?.version]);
  assert.deepEqual(dependencies, Object.fromEntries(locked));
});

test("every package that is imported has its reason in docs/architecture.md", () => {
  assert.ok(importedPackages().includes("zeromq"));
  const [, table = ""] = /## Dependencies\n([^]*?)\n## /.exec(read("docs/architecture.md")) ?? [];
  const named = table.split("\n").flatMap(
    (row) =>
      row
        .split("|")[1]
        ?.split(",")
        .map((name) => name.trim()) ?? [],
  );
  assert.deepEqual(
    importedPackages().filter((name) => !named.includes(name)),
    [],
  );
});
