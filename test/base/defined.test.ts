import assert from "node:assert/strict";
import { test } from "node:test";

import { defined } from "../../src/base/defined.js";

test("defined leaves out what is undefined, keeps the order and everything else", () => {
  const fields = { a: 1, b: undefined as string | undefined, c: null, d: false, e: "", f: 0 };
  const kept: { a: number; b?: string } = defined(fields);
  assert.deepEqual(Object.entries(kept), [
    ["a", 1],
    ["c", null],
    ["d", false],
    ["e", ""],
    ["f", 0],
  ]);
  assert.equal("b" in kept, false);
  assert.equal("b" in fields, true, "what is given stays as it is");
});
