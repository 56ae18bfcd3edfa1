/** Waiting for a condition, for a promise within a time, and until a deadline. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";

import { deadlineIn, timeLeftMs } from "../../../src/base/async/deadline.js";
import { singleFlight } from "../../../src/base/async/singleFlight.js";
import { createWaits } from "../../../src/base/async/waitUntil.js";
import { settledWithin, within } from "../../../src/base/async/within.js";

const longMs = 60_000;

test("a wait ends at the check at which its condition holds", async () => {
  const waits = createWaits();
  let value = 0;
  const two = waits.until(() => value >= 2, longMs);
  value = 1;
  waits.check();
  let isOver = false;
  void two.then(() => (isOver = true));
  await nextTurn();
  assert.equal(isOver, false);
  value = 2;
  waits.check();
  assert.equal(await two, true);
});

test("a wait ends at once when its condition holds already, and with false at its timeout", async () => {
  const waits = createWaits();
  assert.equal(await waits.until(() => true, longMs), true);
  assert.equal(await waits.until(() => false, 1), false);
});

test("work that takes too long is an error, work in time gives its own outcome", async () => {
  const late = (): Error => new Error("late");
  assert.equal(await within(Promise.resolve("done"), longMs, late), "done");
  await assert.rejects(within(Promise.reject(new Error("failed")), longMs, late), /failed/);
  await assert.rejects(within(new Promise(() => undefined), 1, late), /late/);
});

test("whether work has settled in time is reported also when it failed", async () => {
  assert.equal(await settledWithin(Promise.reject(new Error("failed")), longMs), true);
  assert.equal(await settledWithin(new Promise(() => undefined), 1), false);
});

test("calls during a run share one further run after it", async () => {
  const ends: (() => void)[] = [];
  const run = singleFlight(() => new Promise((resolve) => ends.push(resolve)));
  const first = run();
  const [second, third] = [run(), run()];
  assert.equal(second, third);
  assert.equal(ends.length, 1);
  ends[0]?.();
  await first;
  await nextTurn();
  assert.equal(ends.length, 2);
  assert.ok(run.present());
  ends[1]?.();
  await second;
  assert.equal(run.present(), undefined);
});

test("the time left until a deadline leaves a reserve for the reply, and is never negative", () => {
  const deadline = deadlineIn(1_700, 1_000);
  assert.equal(timeLeftMs(deadline, 0, 2_000), 700);
  assert.equal(timeLeftMs(deadline, 250, 2_000), 450);
  assert.equal(timeLeftMs(deadline, 250, 2_600), 0);
});
