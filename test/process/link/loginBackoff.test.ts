import assert from "node:assert/strict";
import { test } from "node:test";

import { createBackoff, type FailureKind } from "../../../src/process/link/loginBackoff.js";

/** The waits after six failures of the kind, with the least and the most jitter. */
function waits(kind: FailureKind): (readonly [number, number])[] {
  const [least, most] = [createBackoff(() => 0), createBackoff(() => 1)];
  return Array.from({ length: 6 }, () => [least.next(kind), most.next(kind)] as const);
}

test("waits double up to 30 s, or up to 4 s while the server does not answer, with a quarter of jitter below", () => {
  const bounds = (...seconds: number[]) => seconds.map((wait) => [wait * 750, wait * 1_000]);
  assert.deepEqual(waits("other"), bounds(1, 2, 4, 8, 16, 30));
  assert.deepEqual(waits("unreachable"), bounds(1, 2, 4, 4, 4, 4));
});

test("an account that may do nothing is tried again every 10 minutes", () => {
  assert.deepEqual(new Set(waits("noRole").flat()), new Set([600_000, 750_000]));
});

test("a connection that was good begins again", () => {
  const backoff = createBackoff(() => 1);
  [1, 2, 3].forEach(() => backoff.next("other"));
  backoff.reset();
  assert.equal(backoff.next("other"), 1_000);
});
