/** How `npm test` groups, bundles and reports test files. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { bundleTests } from "../../scripts/testBundles.js";
import { evenGroups } from "../../scripts/testTimes.js";
import { type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const recorded = JSON.parse(readFileSync(inRepository("scripts/testTimes.json"), "utf8")) as Record<string, number>;

test("every file whose time is recorded exists: after renaming one, rename it there too", () => {
  assert.deepEqual(
    Object.keys(recorded).filter((file) => !existsSync(inRepository(file))),
    [],
  );
});

test("groups take about the same time, and the longest file begins first", () => {
  const files = Object.keys(recorded).map((file) => inRepository(file));
  const groups = evenGroups([...files].reverse(), 3);
  assert.deepEqual(groups.flatMap((group) => group.files).sort(), [...files].sort());
  const longest = Math.max(...Object.values(recorded));
  assert.ok(groups[0]!.seconds - groups.at(-1)!.seconds <= longest);
  for (const { files: some } of groups) {
    const seconds = some.map((file) => recorded[path.relative(inRepository("."), file)] ?? 0);
    assert.deepEqual(
      seconds,
      [...seconds].sort((a, b) => b - a),
    );
  }
});

test("more groups than files are not made", () => {
  assert.deepEqual(
    evenGroups(["/a.test.ts"], 4).map(({ files }) => files),
    [["/a.test.ts"]],
  );
});

const folder = temporaryFolder();

function write(name: string, ...lines: string[]): string {
  const file = path.join(folder, `${name}.test.ts`);
  const imports = ['import assert from "node:assert/strict";', 'import { after, beforeEach, test } from "node:test";'];
  writeFileSync(file, [...imports, ...lines].join("\n"));
  return file;
}

async function runBundled(...files: string[]): Promise<Outcome & { readonly times: string }> {
  const [bundle = ""] = await bundleTests([files], path.join(folder, "bundles"));
  const outputs = {
    tap: path.join(folder, "tap"),
    [inRepository("scripts/fileTimes.mjs")]: path.join(folder, "times"),
  };
  const reporters = Object.entries(outputs).flatMap(([reporter, file]) => [
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${file}`,
  ]);
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const outcome = await run(process.execPath, ["--enable-source-maps", "--test", ...reporters, bundle], { env });
  const [stdout, times] = Object.values(outputs).map((file) => readFileSync(file, "utf8"));
  return { ...outcome, stdout: stdout ?? "", times: times ?? "" };
}

test("files in one bundle fail for themselves, with file and line; hooks are those of their own file", async () => {
  const { code, stdout, times } = await runBundled(
    write("bad", "let told = 0;", "beforeEach(() => void told++);", 'test("b", () => assert.equal(told, 2));'),
    write("good", 'test("g", () => assert.match(import.meta.filename, /good.test.ts$/));', "after(() => undefined);"),
  );
  assert.equal(code, 1);
  assert.match(stdout, /^ *not ok \d+ - b$/m);
  assert.match(stdout, /1 !== 2/);
  assert.match(stdout, /bad\.test\.ts:5:\d+/);
  assert.match(stdout, /^ *ok \d+ - .*good\.test\.ts$/m);
  assert.match(times, /^ +\d+\.\d .*bad\.test\.ts$/m);
  assert.match(times, /^ +\d+\.\d .*good\.test\.ts$/m);
});

for (const [what, line] of [
  ["that cannot be loaded", 'throw new Error("no use");'],
  ["that cannot be tidied up after", 'after(() => { throw new Error("no use"); });'],
] as const) {
  test(`a file ${what} fails, with its name, and the next one is run`, async () => {
    const { code, stdout } = await runBundled(
      write("broken", 'test("before", () => undefined);', line),
      write("next", 'test("n", () => undefined);'),
    );
    assert.equal(code, 1);
    assert.match(stdout, /^ *not ok \d+ - .*broken\.test\.ts$/m);
    assert.match(stdout, /no use/);
    assert.match(stdout, /^ *ok \d+ - .*next\.test\.ts$/m);
  });
}
