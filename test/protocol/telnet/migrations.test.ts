import assert from "node:assert/strict";
import { test } from "node:test";

import { createMigrations, type Migrations } from "../../../src/protocol/telnet/migrations.js";

const one = Buffer.from([0, 0, 0, 1]);
const two = Buffer.from([0, 0, 0, 2]);

function migrations(): Migrations<string> {
  let count = 0;
  return createMigrations<string>({
    randomBytes: (length) => Buffer.alloc(length, ++count),
    isEqual: (a, b) => a.equals(b),
  });
}

test("the destination is found by sequence and secret, and goes on when it says so", () => {
  const pairs = migrations();
  const { secret } = pairs.begin("old", one);
  assert.equal(secret.length, 8);
  assert.equal(pairs.join("new", one, Buffer.alloc(8)), undefined, "a wrong secret");
  assert.equal(pairs.join("new", two, secret), undefined, "another sequence");
  assert.equal(pairs.join("new", one, secret.subarray(0, 4)), undefined, "half a secret");
  assert.equal(pairs.join("old", one, secret), undefined, "a VM does not move to where it is");
  assert.equal(pairs.join("new", one, secret)?.source, "old");
  assert.equal(pairs.join("third", one, secret), undefined, "a secret is good for one destination");
  assert.equal(pairs.complete("old", one), undefined, "COMPLETE on the source does nothing");
  assert.equal(pairs.complete("new", two), undefined);
  assert.equal(pairs.abort("new"), undefined, "ABORT on the destination does nothing");
  assert.equal(pairs.complete("new", one)?.source, "old");
  assert.equal(pairs.size, 0);
});

test("two VMs that move with the same sequence are told apart by their secrets", () => {
  const pairs = migrations();
  const [first, second] = [pairs.begin("a", one), pairs.begin("b", one)];
  assert.equal(pairs.join("b2", one, second.secret)?.source, "b");
  assert.equal(pairs.join("a2", one, first.secret)?.source, "a");
});

test("after ABORT, or another BEGIN, the older secret is good for nothing", () => {
  const pairs = migrations();
  const first = pairs.begin("old", one);
  pairs.join("new", one, first.secret);
  assert.equal(pairs.abort("old")?.destination, "new");
  assert.equal(pairs.complete("new", one), undefined);
  const second = pairs.begin("old", two);
  const third = pairs.begin("old", two);
  assert.deepEqual(third.replaced?.sequence, two);
  assert.equal(pairs.join("new", two, second.secret), undefined);
  assert.equal(pairs.join("new", two, third.secret)?.source, "old", "a vMotion can be tried again");
});

test("a vMotion whose connections are gone is given up, and not before", () => {
  const pairs = migrations();
  const { secret } = pairs.begin("old", one);
  pairs.join("new", one, secret);
  assert.equal(pairs.forget("new"), undefined);
  assert.equal(pairs.join("newer", one, secret)?.source, "old", "the destination connects again");
  assert.equal(pairs.forget("old"), undefined);
  assert.equal(pairs.complete("newer", one)?.source, "old", "the source may be gone by then");

  pairs.begin("old", two);
  assert.equal(pairs.forget("old")?.source, "old");
  assert.equal(pairs.forget("unknown"), undefined);
  assert.equal(pairs.size, 0);
});
