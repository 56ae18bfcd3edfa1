/** Turns on few connections: who comes first, who waits how long, and what becomes of those that wait too long. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type CallQueue, createCallQueue, type Urgency } from "../../src/vsphere/callQueue.js";

const timeoutMs = 60_000;

/** Takes a turn, notes its name in `order`, and ends it at once. */
async function call(queue: CallQueue, order: string[], name: string, urgency: Urgency = "rest"): Promise<void> {
  const end = await queue.take({ urgency, owner: name.replace(/\d+$/, ""), timeoutMs });
  order.push(name);
  end();
}

test("as many turns at once as there are connections, and each that ends lets the next begin", async () => {
  const queue = createCallQueue(2);
  const ticket = { urgency: "rest", owner: "vm", timeoutMs } as const;
  const ends = [await queue.take(ticket), await queue.take(ticket)];
  let begun = 0;
  const others = [1, 2].map(() => queue.take(ticket).then(() => begun++));
  await new Promise(setImmediate);
  assert.equal(begun, 0);
  ends[0]?.();
  // A turn ends once, however often that is said.
  ends[0]?.();
  await new Promise(setImmediate);
  assert.equal(begun, 1);
  ends[1]?.();
  await Promise.all(others);
});

test("power comes before statistics, and statistics before the rest", async () => {
  const queue = createCallQueue(1);
  const end = await queue.take({ urgency: "rest", owner: "first", timeoutMs });
  const order: string[] = [];
  const calls = [
    call(queue, order, "rest"),
    call(queue, order, "statistics", "statistics"),
    call(queue, order, "power", "power"),
  ];
  end();
  await Promise.all(calls);
  assert.deepEqual(order, ["power", "statistics", "rest"]);
});

test("many calls for one VM do not keep the others waiting", async () => {
  const queue = createCallQueue(1);
  const end = await queue.take({ urgency: "power", owner: "first", timeoutMs });
  const order: string[] = [];
  const calls = ["a1", "a2", "a3", "a4", "b1", "c1"].map((name) => call(queue, order, name));
  end();
  await Promise.all(calls);
  assert.deepEqual(order, ["a1", "b1", "c1", "a2", "a3", "a4"]);
});

test("however many power commands there are, the rest has a turn in eight", async () => {
  const queue = createCallQueue(1);
  const end = await queue.take({ urgency: "power", owner: "first", timeoutMs });
  const order: string[] = [];
  const power = Array.from({ length: 50 }, (_, index) => call(queue, order, `power${index}`, "power"));
  const calls = [...power, call(queue, order, "rest")];
  end();
  await Promise.all(calls);
  assert.ok(order.indexOf("rest") < 8, `it came after ${order.indexOf("rest")} others`);
});

test("a call that waits longer than it may is not made, and its place is free", async () => {
  const queue = createCallQueue(1);
  const end = await queue.take({ urgency: "rest", owner: "first", timeoutMs });
  const late = queue.take({ urgency: "rest", owner: "vm", timeoutMs: 20 });
  await assert.rejects(late, { problem: "notSent", message: /waited 20 ms behind 1 others and was not sent/ });
  end();
  (await queue.take({ urgency: "rest", owner: "vm", timeoutMs: 20 }))();
});

test("beyond 2,000 that wait a call is refused at once", async () => {
  const queue = createCallQueue(1);
  const order: string[] = [];
  const end = await queue.take({ urgency: "rest", owner: "first", timeoutMs });
  const calls = Array.from({ length: 2_000 }, (_, index) => call(queue, order, `vm${index}`));
  await assert.rejects(queue.take({ urgency: "power", owner: "vm", timeoutMs }), { problem: "notSent" });
  end();
  await Promise.all(calls);
});
