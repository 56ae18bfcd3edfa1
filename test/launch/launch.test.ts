/** Compiled code kept from run to run, seen through what V8 makes of a bundle that has changed unnoticed. */
import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { type Outcome, run } from "../support/programs.js";
import { inRepository } from "../support/repository.js";
import { temporaryFolder } from "../support/temporaryFolder.js";

const root = temporaryFolder();
const launcher = pathToFileURL(inRepository("dist/bundle/launch/launch.js"));

interface Program {
  readonly folder: string;
  readonly cache: string;
  /** The content of the bundle: what it does with the word. V8 knows two of the same length for one. */
  readonly write: (text: string) => void;
  readonly start: (...args: string[]) => Promise<Outcome>;
  /** For its next starts. */
  readonly env: NodeJS.ProcessEnv;
  /** Names of the files with code. */
  readonly kept: () => string[];
}

function createProgram(): Program {
  const folder = mkdtempSync(path.join(root, "program-"));
  const bundle = path.join(folder, "bundle.cjs");
  const start = path.join(folder, "start.mjs");
  const cache = path.join(folder, "cache", "vbmc4vsphere");
  const env: NodeJS.ProcessEnv = { PATH: process.env["PATH"], XDG_CACHE_HOME: path.dirname(cache) };
  const options = JSON.stringify({ file: bundle, name: "program", id: "1" });
  writeFileSync(start, `import { launch } from "${launcher.href}";\nlaunch(${options});\n`);
  return {
    folder,
    cache,
    write: (text) => writeFileSync(bundle, text),
    start: (...args) => run(process.execPath, [start, ...args], { env }),
    env,
    kept: () => readdirSync(cache),
  };
}

const saying = (word: string): string => `process.stdout.write("${word}");`;

/** What is said tells whose code ran. */
async function said(program: Program, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await program.start(...args);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

test("the code of a run is kept for its owner alone, and the next run of the same command takes it", async () => {
  const program = createProgram();
  program.write(saying("one"));
  assert.equal(await said(program, "list"), "one");
  const [file = "", ...others] = program.kept();
  assert.match(file, /^program_list_1_v[\d.]+_\w+\.code$/);
  assert.deepEqual(others, []);
  assert.equal(statSync(path.join(program.cache, file)).mode & 0o777, 0o600);
  assert.equal(statSync(program.cache).mode & 0o777, 0o700);
  program.write(saying("two"));
  assert.equal(await said(program, "list"), "one", "the code that was kept runs");
  assert.equal(await said(program, "show"), "two", "another command has none yet");
  assert.equal(program.kept().length, 2);
});

test("code that others could have written is not run, nor is what a link leads to", async () => {
  const program = createProgram();
  program.write(saying("one"));
  await said(program, "list");
  const file = path.join(program.cache, program.kept()[0] ?? "");
  program.write(saying("two"));
  chmodSync(file, 0o620);
  assert.equal(await said(program, "list"), "two");
  assert.equal(statSync(file).mode & 0o777, 0o600, "it was replaced by what this run compiled");

  program.write(saying("six"));
  chmodSync(program.cache, 0o770);
  assert.equal(await said(program, "list"), "six", "others could have put another file there");
  assert.equal(program.kept().length, 1);

  const linked = createProgram();
  linked.write(saying("six"));
  mkdirSync(linked.cache, { recursive: true });
  symlinkSync(file, path.join(linked.cache, path.basename(file)));
  assert.equal(await said(linked, "list"), "six");
});

test("code that is cut short, or none at all, is made again", async () => {
  for (const length of [0, 10, 300]) {
    const program = createProgram();
    program.write(saying("one"));
    await said(program, "list");
    const file = path.join(program.cache, program.kept()[0] ?? "");
    const { size } = statSync(file);
    truncateSync(file, length);
    assert.equal(await said(program, "list"), "one");
    assert.equal(statSync(file).size, size, `after ${length} bytes`);
  }
});

test("a run that fails, and one that may not keep anything, keeps nothing", async () => {
  const program = createProgram();
  program.write("process.exitCode = 2;");
  assert.equal((await program.start("wrong")).code, 2);
  program.write("throw new Error('no');");
  assert.equal((await program.start("list")).code, 1);
  program.write(saying("one"));
  program.env["NODE_DISABLE_COMPILE_CACHE"] = "1";
  assert.equal(await said(program, "list"), "one");
  assert.throws(() => program.kept(), /ENOENT/);
});

test("a program runs where nothing can be kept", async () => {
  const program = createProgram();
  program.write(saying("one"));
  writeFileSync(path.dirname(program.cache), "a file where the cache folder should be");
  assert.equal(await said(program, "list"), "one");
});

test("root keeps nothing in another user's home", { skip: process.geteuid?.() !== 0 && "needs root" }, async () => {
  const program = createProgram();
  program.write(saying("one"));
  chownSync(program.folder, 65_534, 65_534);
  assert.equal(await said(program, "list"), "one");
  assert.throws(() => program.kept(), /ENOENT/);
});

test("what a command is given besides its name tells nothing to who reads the folder", async () => {
  const program = createProgram();
  program.write(saying("one"));
  await said(program, "S3cret!", "--password", "hunter2");
  assert.match(program.kept().join(), /^program_1_v[\d.]+_\w+\.code$/);
});
