import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { addCounts, type Counts, createGatherer, durationClass } from "../../../src/io/counters/counts.js";

function gathering(context: TestContext) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const told: Counts[] = [];
  return { told, gatherer: createGatherer((counts) => told.push(counts), 5_000), timers: context.mock.timers };
}

test("what is counted within 5 s is reported once", (context) => {
  const { told, gatherer, timers } = gathering(context);
  gatherer.add("a");
  timers.tick(4_999);
  gatherer.add("a");
  gatherer.add("b", 3);
  assert.deepEqual(told, []);
  timers.tick(1);
  assert.deepEqual(told, [{ a: 2, b: 3 }]);
});

test("while nothing is counted nothing is reported, however long", (context) => {
  const { told, gatherer, timers } = gathering(context);
  gatherer.add("a");
  timers.tick(5_000);
  timers.tick(3_600_000);
  assert.deepEqual(told, [{ a: 1 }]);
});

test("what must be reported again is reported later, unless something is counted before", (context) => {
  const { told, gatherer, timers } = gathering(context);
  gatherer.tellAgainIn(60_000);
  timers.tick(60_000);
  assert.deepEqual(told, [{}]);
  gatherer.tellAgainIn(60_000);
  gatherer.add("a");
  timers.tick(5_000);
  timers.tick(60_000);
  assert.deepEqual(told, [{}, { a: 1 }]);
});

test("deltas add up", () => {
  const total = new Map([["a", 1]]);
  addCounts(total, { a: 2, b: 1 });
  assert.deepEqual(Object.fromEntries(total), { a: 3, b: 1 });
});

test("a duration on a bound belongs to the class that the bound ends", () => {
  assert.deepEqual([0, 1, 2, 2_500, 2_501].map(durationClass), [0, 0, 1, 9, 10]);
});
