import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { parse } from "yaml";
import { repository } from "../support/repository.js";

const read = (file: string) => readFileSync(path.join(repository, file), "utf8");

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
        readonly steps: readonly { readonly run?: string }[];
      }
    >
  >;
}

test("the workflow runs what a contributor runs, on the oldest Node that package.json allows and on newer ones", () => {
  const { verify } = (parse(read(".github/workflows/verify.yml")) as Workflow).jobs;
  const releases = verify?.strategy?.matrix.node ?? [];
  assert.deepEqual(releases, [20, 22, 24]);
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  assert.equal(engines.node, `>=${releases[0]}`);
  assert.ok(verify?.steps.some(({ run }) => run === "npm run verify"));
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
