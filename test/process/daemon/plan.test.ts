import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { plan, type RunningView } from "../../../src/process/supervisor/plan.js";
import { nextBackoff } from "../../../src/process/supervisor/restartBackoff.js";

describe("plan", () => {
  const now = 1_000_000;
  const cases: readonly (readonly [string, Record<string, string>, Record<string, RunningView>, string[]])[] = [
    ["nothing wanted, nothing there", {}, {}, []],
    ["a wanted BMC is started", { a: "1" }, {}, ["start a"]],
    ["one that runs as wanted is left alone", { a: "1" }, { a: { state: "running", fingerprint: "1" } }, []],
    ["so is one that starts", { a: "1" }, { a: { state: "starting", fingerprint: "1" } }, []],
    ["another configuration is a restart", { a: "2" }, { a: { state: "running", fingerprint: "1" } }, ["restart a"]],
    [
      "also of one in error, at once",
      { a: "2" },
      { a: { state: "error", fingerprint: "1", retryAt: now + 1 } },
      ["restart a"],
    ],
    ["one in error waits for its time", { a: "1" }, { a: { state: "error", fingerprint: "1", retryAt: now + 1 } }, []],
    [
      "though the clock was set back, no longer than the longest wait",
      { a: "1" },
      { a: { state: "error", fingerprint: "1", retryAt: now + 3_600_000 } },
      ["start a"],
    ],
    ["and is started then", { a: "1" }, { a: { state: "error", fingerprint: "1", retryAt: now } }, ["start a"]],
    ["an unwanted one is stopped", {}, { a: { state: "running", fingerprint: "1" } }, ["stop a"]],
    [
      "in whatever state",
      {},
      { a: { state: "starting", fingerprint: "1" }, b: { state: "error", fingerprint: "1" } },
      ["stop a", "stop b"],
    ],
    [
      "one that is stopping is left alone until it is gone",
      { a: "1" },
      { a: { state: "stopping", fingerprint: "1" } },
      [],
    ],
    ["also when it is not wanted", {}, { a: { state: "stopping", fingerprint: "1" } }, []],
    [
      "stops come first: a port may go from one to another",
      { a: "1" },
      { b: { state: "running", fingerprint: "1" } },
      ["stop b", "start a"],
    ],
  ];
  for (const [title, desired, running, expected] of cases) {
    test(title, () => {
      const actions = plan(new Map(Object.entries(desired)), new Map(Object.entries(running)), now);
      assert.deepEqual(
        actions.map(({ type, name }) => `${type} ${name}`),
        expected,
      );
    });
  }
});

test("waits between restarts are 1, 2, 4 … 30 s", () => {
  let failures = 0;
  const waits = Array.from({ length: 7 }, () => {
    const backoff = nextBackoff(failures, undefined, 0);
    ({ failures } = backoff);
    return backoff.retryAt / 1000;
  });
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 30, 30]);
});

test("a minute of health begins again, less does not", () => {
  assert.deepEqual(nextBackoff(5, 0, 60_000), { failures: 1, retryAt: 61_000 });
  assert.deepEqual(nextBackoff(1, 0, 59_999), { failures: 2, retryAt: 61_999 });
});
