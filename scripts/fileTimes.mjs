/**
 * A reporter for node:test that lists how long the slowest test files took, and writes it to the file RECORDED_TIMES. It also
 * sees to the exit code: Node 22 ends with 0 when nothing but a suite failed, as one that could not be loaded.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const maxShown = 15;
/** What takes less is not worth a line in the record, s. */
const leastRecorded = 1;

export default async function* fileTimes(events) {
  const seconds = new Map();
  for await (const { type, data } of events) {
    if (type === "test:fail") {
      process.exitCode = 1;
    }
    if ((type === "test:pass" || type === "test:fail") && data.nesting === 0) {
      // In a bundle each file is a suite that has its name.
      const file = data.name.endsWith(".test.ts") ? data.name : path.relative(process.cwd(), data.file ?? "");
      seconds.set(file, (seconds.get(file) ?? 0) + data.details.duration_ms / 1_000);
    }
  }
  const slowest = [...seconds].sort(([, a], [, b]) => b - a);
  if (seconds.size > 1) {
    yield "\nslowest test files, s:\n";
    yield* slowest.slice(0, maxShown).map(([file, time]) => `${time.toFixed(1).padStart(7)}  ${file}\n`);
  }
  if (process.env.RECORDED_TIMES !== undefined) {
    record(process.env.RECORDED_TIMES, seconds);
  }
}

/** Files that were not run keep what is known of them. */
function record(file, seconds) {
  const known = Object.entries(JSON.parse(readFileSync(file, "utf8"))).filter(([name]) => !seconds.has(name));
  const run = [...seconds].filter(([, time]) => time >= leastRecorded).map(([name, time]) => [name, Math.round(time)]);
  const all = Object.fromEntries([...known, ...run].sort(([, a], [, b]) => b - a));
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}
