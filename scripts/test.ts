/**
 * Runs tests.
 *
 *     npm test                          all of them
 *     npm test -- FILE                  this file, from its sources
 *     npm test -- FILE …                these files
 *     npm run test:unit                 those that need no daemon and no peer
 *     npm run test:e2e -- --shard 1/3   a third of the others
 *     npm test -- --record              also writes down how long each took
 *
 * Several files run from bundles, each with a process of its own; only the unit tests share some, since most take
 * less time than a process needs to start.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { isBundleStale, makeBundle } from "../test/support/bundle.js";
import { inRepository, repository } from "../test/support/repository.js";
import { bundleTests } from "./testBundles.js";
import { needsBundle, needsPrograms, testFiles } from "./testFiles.js";
import { evenGroups } from "./testTimes.js";

/** The slowest test file takes about two minutes on two busy cores, ms. */
const fileTimeoutMs = 600_000;
/** Processes for the unit tests: while one waits for a timer or a socket, another computes. */
const unitProcesses = Math.min(2 * availableParallelism(), 8);
/** End-to-end tests wait as well, for clients and intervals, but a machine with too many would miss those clients' time-outs. */
const programProcesses = availableParallelism() + 2;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    unit: { type: "boolean" },
    e2e: { type: "boolean" },
    watch: { type: "boolean" },
    record: { type: "boolean" },
    shard: { type: "string" },
    concurrency: { type: "string" },
  },
});

function chosenFiles(): readonly string[] {
  const files = testFiles();
  if (values.unit === true) {
    return files.filter((file) => !needsPrograms(file));
  }
  return inShard(values.e2e === true ? files.filter(needsPrograms) : files);
}

/** `--shard 2/3`: the second of three parts that take about the same time. */
function inShard(files: readonly string[]): readonly string[] {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(values.shard ?? "1/1") ?? [];
  if (index === undefined || Number(index) < 1 || Number(index) > Number(count)) {
    process.stderr.write(`--shard ${values.shard ?? ""} is not valid: write INDEX/COUNT, such as 1/3\n`);
    process.exit(2);
  }
  return evenGroups(files, Number(count))[Number(index) - 1]?.files ?? [];
}

/** In a folder that is removed at the end. Node sorts the files that it is given by name: the bundles are numbered. */
function bundled(files: readonly string[]): Promise<readonly string[]> {
  const programs = files.filter(needsPrograms);
  const groups = [
    ...evenGroups(programs, programs.length),
    ...evenGroups(
      files.filter((file) => !programs.includes(file)),
      unitProcesses,
    ),
  ];
  mkdirSync(inRepository("dist"), { recursive: true });
  const folder = mkdtempSync(inRepository("dist/tests-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  return bundleTests(
    groups.sort((a, b) => b.seconds - a.seconds).map((group) => group.files),
    folder,
  ).catch(() => process.exit(1)); // esbuild has said why
}

const fromSources = values.watch === true || positionals.length === 1;
const files = positionals.length > 0 ? positionals.map((file) => path.resolve(file)) : chosenFiles();
if (files.some(needsBundle) && isBundleStale()) {
  makeBundle();
}
const reporters = ["spec", "./scripts/fileTimes.mjs"].flatMap((reporter) => [
  `--test-reporter=${reporter}`,
  "--test-reporter-destination=stdout",
]);
const concurrency = values.concurrency ?? (values.unit === true ? unitProcesses : programProcesses);
const flags = [
  "--enable-source-maps",
  ...(fromSources ? ["--import=tsx"] : []),
  "--test",
  `--test-timeout=${fileTimeoutMs}`,
  `--test-concurrency=${concurrency}`,
  ...(values.watch === true ? ["--watch"] : reporters),
];
const tests = spawn(process.execPath, [...flags, ...(fromSources ? files : await bundled(files))], {
  cwd: repository,
  env:
    values.record === true ? { ...process.env, RECORDED_TIMES: inRepository("scripts/testTimes.json") } : process.env,
  stdio: "inherit",
});
// The tests end in their own way, and this process after them.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => tests.kill());
tests.once("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
