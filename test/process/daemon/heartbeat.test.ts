import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { type Heartbeat, startHeartbeat } from "../../../src/process/supervisor/heartbeat.js";

let answered: string[];
let heartbeat: Heartbeat;

beforeEach(() => {
  mock.timers.enable({ apis: ["setInterval"] });
  answered = [];
  const note = (what: string) => () => void answered.push(what);
  heartbeat = startHeartbeat({
    ask: note("asked"),
    onSilence: note("silent"),
    onReturn: note("back"),
    onLoss: note("lost"),
  });
});
afterEach(() => {
  heartbeat.stop();
  mock.timers.reset();
});

const beats = (count: number) => {
  for (let beat = 0; beat < count; beat++) {
    mock.timers.tick(1_000);
  }
};

test("a process that answers is asked every second and nothing else happens", () => {
  for (let second = 0; second < 100; second++) {
    beats(1);
    heartbeat.answered();
  }
  assert.deepEqual(
    answered,
    Array.from({ length: 100 }, () => "asked"),
  );
});

test("two beats without an answer are silence, six are a loss, each told once", () => {
  heartbeat.answered();
  beats(2);
  assert.deepEqual(answered, ["asked"]);
  beats(1);
  assert.deepEqual(answered, ["asked", "silent"]);
  beats(20);
  assert.deepEqual(answered, ["asked", "silent", "lost"]);
});

test("an answer ends the silence, and the next question comes with the next beat", () => {
  heartbeat.answered();
  beats(4);
  heartbeat.answered();
  beats(1);
  assert.deepEqual(answered, ["asked", "silent", "back", "asked"]);
});

test("before its first word a process may load for a minute", () => {
  beats(60);
  assert.deepEqual(answered, ["asked"]);
  beats(1);
  assert.deepEqual(answered, ["asked", "lost"]);
});

test("once stopped it asks no process", () => {
  heartbeat.stop();
  beats(10);
  assert.deepEqual(answered, []);
});
