import assert from "node:assert/strict";
import { test } from "node:test";

import { createEventLimiter } from "../../../src/process/child/eventLimiter.js";

test("a flood of events is cut off at 50 in 10 s, and the next event tells how many are missing", () => {
  let now = 0;
  const told: string[] = [];
  const tell = createEventLimiter(
    ({ text }) => told.push(text),
    () => now,
  );
  const event = { kind: "login", source: "192.0.2.1", text: "login refused" } as const;
  for (let count = 0; count < 1_000; count++) {
    tell(event);
  }
  assert.equal(told.length, 50);
  now = 9_999;
  tell(event);
  assert.equal(told.length, 50);
  now = 10_000;
  tell(event);
  tell(event);
  assert.deepEqual(told.slice(50), ["login refused (951 earlier events were dropped)", "login refused"]);
});
