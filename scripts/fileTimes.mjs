/** A reporter for node:test that lists how long the slowest test files took. */
import path from "node:path";

const mostShown = 15;

export default async function* fileTimes(events) {
  const seconds = new Map();
  for await (const { type, data } of events) {
    if ((type === "test:pass" || type === "test:fail") && data.nesting === 0 && data.file !== undefined) {
      seconds.set(data.file, (seconds.get(data.file) ?? 0) + data.details.duration_ms / 1_000);
    }
  }
  const slowest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, mostShown);
  yield "\nslowest test files, s:\n";
  yield* slowest.map(([file, time]) => `${time.toFixed(1).padStart(7)}  ${path.relative(process.cwd(), file)}\n`);
}
