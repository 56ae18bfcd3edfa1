/** Jobs one after the other, for all and for each key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";

import { createKeyedQueue, createSerialQueue } from "../../../src/base/async/serialQueue.js";

/** Jobs that end when they are asked to. */
function openJobs(): {
  readonly begun: string[];
  readonly job: (name: string) => () => Promise<string>;
  readonly end: (name: string, error?: Error) => void;
} {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  return {
    begun,
    job: (name) => () => {
      begun.push(name);
      return new Promise((resolve, reject) => ends.set(name, (error) => (error ? reject(error) : resolve(name))));
    },
    end: (name, error) => ends.get(name)?.(error),
  };
}

test("a job begins when the one before it has ended, even if that failed", async () => {
  const { begun, job, end } = openJobs();
  const queue = createSerialQueue();
  const first = queue.run(job("first"));
  const second = queue.run(job("second"));
  await nextTurn();
  assert.deepEqual(begun, ["first"]);
  end("first", new Error("no space"));
  await assert.rejects(first, /no space/);
  await nextTurn();
  assert.deepEqual(begun, ["first", "second"]);
  end("second");
  assert.equal(await second, "second");
});

test("a queue is settled when its last job has ended, also if it failed", async () => {
  const { job, end } = openJobs();
  const queue = createSerialQueue();
  const only = queue.run(job("only"));
  let isSettled = false;
  const settled = queue.settled().then(() => (isSettled = true));
  await nextTurn();
  assert.equal(isSettled, false);
  end("only", new Error("failed"));
  await settled;
  await assert.rejects(only);
});

test("jobs of different keys do not wait for each other", async () => {
  const { begun, job, end } = openJobs();
  const queue = createKeyedQueue();
  const all = [queue.run("a", job("a1")), queue.run("a", job("a2")), queue.run("b", job("b1"))];
  await nextTurn();
  assert.deepEqual(begun, ["a1", "b1"]);
  end("a1");
  await nextTurn();
  assert.deepEqual(begun, ["a1", "b1", "a2"]);
  end("a2");
  end("b1");
  assert.deepEqual(await Promise.all(all), ["a1", "a2", "b1"]);
  await queue.settled();
});

test("a keyed queue settles when the jobs of all keys have ended", async () => {
  const { job, end } = openJobs();
  const queue = createKeyedQueue();
  void queue.run("a", job("a"));
  void queue.run("b", job("b")).catch(() => undefined);
  await nextTurn();
  let isSettled = false;
  const settled = queue.settled().then(() => (isSettled = true));
  end("a");
  await nextTurn();
  assert.equal(isSettled, false);
  end("b", new Error("failed"));
  await settled;
});
