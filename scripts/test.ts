/**
 * Runs tests from their TypeScript sources.
 *
 *     npm test                       all of them
 *     npm test -- FILE …             these files
 *     npm run test:unit              those that need no daemon and no peer
 *     npm run test:e2e -- --shard 1/3   a third of the others
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { isBundleStale, makeBundle } from "../test/support/bundle.js";
import { repository } from "../test/support/repository.js";
import { needsBundle, needsPrograms, testFiles } from "./testFiles.js";

/** The slowest test file takes about two minutes on two busy cores, ms. */
const fileTimeoutMs = 600_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    unit: { type: "boolean" },
    e2e: { type: "boolean" },
    watch: { type: "boolean" },
    shard: { type: "string" },
    concurrency: { type: "string" },
  },
});

function chosenFiles(): readonly string[] {
  if (positionals.length > 0) {
    return positionals.map((file) => path.resolve(file));
  }
  const files = testFiles();
  if (values.unit === true) {
    return files.filter((file) => !needsPrograms(file));
  }
  return inShard(values.e2e === true ? files.filter(needsPrograms) : files);
}

/** `--shard 2/3`: every third file, from the second on. */
function inShard(files: readonly string[]): readonly string[] {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(values.shard ?? "1/1") ?? [];
  if (index === undefined || Number(index) < 1 || Number(index) > Number(count)) {
    process.stderr.write(`--shard ${values.shard ?? ""} is not valid: write INDEX/COUNT, such as 1/3\n`);
    process.exit(2);
  }
  return files.filter((_, at) => at % Number(count) === Number(index) - 1);
}

const files = chosenFiles();
if (files.some(needsBundle) && isBundleStale()) {
  makeBundle();
}
const reporters =
  files.length > 1
    ? ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=./scripts/fileTimes.mjs"].concat(
        "--test-reporter-destination=stdout",
      )
    : ["--test-reporter=spec"];
const flags = [
  "--enable-source-maps",
  "--import=tsx",
  "--test",
  `--test-timeout=${fileTimeoutMs}`,
  `--test-concurrency=${values.concurrency ?? availableParallelism()}`,
  ...(values.watch === true ? ["--watch"] : reporters),
];
const tests = spawn(process.execPath, [...flags, ...files], { cwd: repository, stdio: "inherit" });
tests.once("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
