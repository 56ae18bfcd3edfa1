/** Jobs of which only some run at a time. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { createLimiter } from "../../../src/base/async/limiter.js";

test("a limiter runs a bounded number of jobs at a time, in order, also when some fail", async () => {
  const limiter = createLimiter(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const jobs = [0, 1, 2, 3].map((index) =>
    limiter.run(async () => {
      begun.push(index);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (index === 1) {
        throw new Error("failed");
      }
    }),
  );
  const outcome = Promise.allSettled(jobs);
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.();
  await assert.rejects(jobs[1] ?? Promise.resolve());
  assert.deepEqual(begun, [0, 1, 2]);
  ends[0]?.();
  await jobs[0];
  assert.deepEqual(begun, [0, 1, 2, 3]);
  ends[2]?.();
  ends[3]?.();
  await outcome;
});
