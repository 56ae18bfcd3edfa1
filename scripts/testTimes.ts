/** How long the test files took when `npm test -- --record` last ran, so that the longest begin first. */
import { readFileSync } from "node:fs";
import path from "node:path";

import { repository } from "../test/support/repository.js";

/** Seconds by the file's path in the repository; `scripts/fileTimes.mjs` leaves out what took less than a second. */
const recorded = JSON.parse(readFileSync(path.join(repository, "scripts/testTimes.json"), "utf8")) as Readonly<
  Record<string, number>
>;
const unknownSeconds = 0.5;

function secondsOf(file: string): number {
  return recorded[path.relative(repository, file)] ?? unknownSeconds;
}

interface Group {
  readonly files: readonly string[];
  readonly seconds: number;
}

/** `count` groups at most that take about the same time, each with its longest file first; the longest group is the first. */
export function evenGroups(files: readonly string[], count: number): readonly Group[] {
  const groups = Array.from({ length: Math.min(count, files.length) }, () => ({ files: [] as string[], seconds: 0 }));
  for (const file of [...files].sort((a, b) => secondsOf(b) - secondsOf(a))) {
    const shortest = groups.reduce((least, group) => (group.seconds < least.seconds ? group : least));
    shortest.files.push(file);
    shortest.seconds += secondsOf(file);
  }
  return groups.sort((a, b) => b.seconds - a.seconds);
}
