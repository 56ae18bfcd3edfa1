import assert from "node:assert/strict";
import { test } from "node:test";

import { MachineError } from "../../../src/model/machine/errors.js";
import type { MachineStatistics } from "../../../src/model/machine/statistics.js";
import { createReadingCache, type ReadingCache } from "../../../src/process/child/readingCache.js";

interface Source {
  now: number;
  readonly answers: { readonly resolve: (value: MachineStatistics) => void; readonly reject: (error: Error) => void }[];
  readonly cache: ReadingCache<MachineStatistics>;
}

/** A vSphere that answers when the test lets it. */
function createSource(): Source {
  const source: Source = {
    now: 0,
    answers: [],
    cache: createReadingCache(
      () => new Promise((resolve, reject) => source.answers.push({ resolve, reject })),
      () => source.now,
    ),
  };
  return source;
}

test("all who ask at the same time wait for one answer, which is good for ten seconds", async () => {
  const source = createSource();
  const asked = [source.cache.get(), source.cache.get(), source.cache.get()];
  source.answers[0]!.resolve({ cpuUsageMhz: 7 });
  assert.deepEqual(await Promise.all(asked), Array(3).fill({ cpuUsageMhz: 7 }));
  source.now = 9_999;
  await source.cache.get();
  assert.equal(source.answers.length, 1);
  source.now = 10_000;
  void source.cache.get();
  assert.equal(source.answers.length, 2);
});

test("a failure is good for three seconds: sixteen sensors do not ask sixteen times", async () => {
  const source = createSource();
  const asked = source.cache.get();
  source.answers[0]!.reject(new MachineError("timedOut", "no answer"));
  await assert.rejects(asked);
  source.now = 2_999;
  await assert.rejects(source.cache.get());
  assert.equal(source.answers.length, 1);
  source.now = 3_000;
  void source.cache.get();
  assert.equal(source.answers.length, 2);
});

test("what was known can be forgotten", async () => {
  const source = createSource();
  const asked = source.cache.get();
  source.answers[0]!.resolve({});
  await asked;
  source.cache.forget();
  void source.cache.get();
  assert.equal(source.answers.length, 2);
});
