/** The bill of materials lists what ships: each package that is in the bundles and in the page, and none of the tools. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { billOfMaterials, bundledPackages } from "../../scripts/sbom.js";
import { inRepository } from "../support/repository.js";

const time = "2026-11-27T20:00:00.000Z";
const bill = billOfMaterials(time);

test("the bill of materials names this software, and is the same for the same time", () => {
  const { name, version } = JSON.parse(readFileSync(inRepository("package.json"), "utf8")) as Record<string, string>;
  const { component } = bill.metadata;
  assert.deepEqual([component.name, component.version], [name, version]);
  assert.deepEqual(billOfMaterials(time), bill);
});

test("every package that is in dist/bundle and dist/page is listed, in its version", () => {
  const packages = [...bundledPackages()];
  for (const name of ["preact", "soap", "commander"]) {
    assert.ok(
      packages.some((each) => each.startsWith(`${name} `)),
      name,
    );
  }
  const listed = new Set(bill.components.map(({ name, version }) => `${name} ${version}`));
  assert.deepEqual(
    packages.filter((each) => !listed.has(each)),
    [],
  );
});

test("all dependencies are listed, and what only builds and tests is not", () => {
  const { dependencies } = JSON.parse(readFileSync(inRepository("package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const names = new Set(bill.components.map(({ name }) => name));
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !names.has(name)),
    [],
  );
  for (const tool of ["esbuild", "tsx", "typescript", "eslint", "playwright-core", "fast-check"]) {
    assert.ok(!names.has(tool), tool);
  }
});
