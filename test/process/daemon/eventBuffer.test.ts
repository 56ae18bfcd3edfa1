import assert from "node:assert/strict";
import { test } from "node:test";

import { createEventBuffer, type DaemonEvent, type EventBuffer } from "../../../src/process/events/eventBuffer.js";
import { createEventRecorder } from "../../../src/process/events/eventRecorder.js";

const event = (text: string, name = "vm1"): DaemonEvent => ({ kind: "bmc", name, text });
const texts = ({ events }: ReturnType<EventBuffer["read"]>) => events.map(({ text }) => text);

test("the ring keeps the last events, the oldest first", () => {
  const buffer = createEventBuffer(2);
  ["a", "b", "c"].forEach((text) => {
    buffer.add(event(text));
  });
  assert.deepEqual(texts(buffer.read([])), ["b", "c"]);
});

test("a cursor gives what came after it, also of one BMC alone", () => {
  const buffer = createEventBuffer();
  buffer.add(event("a"));
  const { cursor } = buffer.read([]);
  buffer.add(event("b"));
  buffer.add(event("c", "vm2"));
  assert.deepEqual(texts(buffer.read([], cursor)), ["b", "c"]);
  assert.deepEqual(texts(buffer.read(["vm2"], cursor)), ["c"]);
});

test("a cursor of another daemon, or none at all, gives everything", () => {
  const buffer = createEventBuffer();
  buffer.add(event("a"));
  const { cursor } = createEventBuffer().read([]);
  for (const after of [cursor, "nonsense", ""]) {
    assert.deepEqual(texts(buffer.read([], after)), ["a"]);
  }
});

test("a page says of which time the SELs must tell: from the cursor of the daemon before to this one's start", () => {
  let now = 5_000;
  const before = createEventBuffer(2, () => now);
  const { cursor } = before.read([]);
  now = 9_000;
  const buffer = createEventBuffer(2, () => now);
  assert.deepEqual(buffer.read([]).missing, { after: 0, before: 9_000 });
  assert.deepEqual(buffer.read([], cursor).missing, { after: 5_000, before: 9_000 });
  assert.deepEqual(buffer.read([], "nonsense").missing, { after: 0, before: 9_000 });
  assert.equal(buffer.read([], buffer.read([]).cursor).missing, undefined);
});

test("where events had to make room, the SELs tell of the time before the oldest that is left", () => {
  let now = 1_000;
  const buffer = createEventBuffer(2, () => now);
  for (const text of ["a", "b", "c"]) {
    now += 1_000;
    buffer.add(event(text));
  }
  assert.deepEqual(buffer.read([]).missing, { after: 0, before: 3_000 });
});

test("an entry of a SEL has the time that its journal has, and is never counted together with another", () => {
  const buffer = createEventBuffer(10, () => 9_000);
  for (const at of [8_000, 8_500]) {
    buffer.add({ kind: "sel", name: "vm1", text: "powered on", at });
  }
  assert.deepEqual(
    buffer.read([]).events.map(({ at, times }) => [at, times]),
    [
      [8_000, 1],
      [8_500, 1],
    ],
  );
});

test("that a VM was switched is reported by the SEL of its BMC where one runs", () => {
  const buffer = createEventBuffer();
  const recorder = createEventRecorder(buffer);
  for (const powerState of ["poweredOn", "poweredOff", "suspended"] as const) {
    recorder.vmReported("vm1", { fresh: true, snapshot: { powerState } }, true);
  }
  assert.deepEqual(texts(buffer.read([])), ["the VM is suspended"]);
});

test("the same event within a minute is counted instead of listed again, later it is listed", () => {
  let now = 0;
  const buffer = createEventBuffer(10, () => now);
  buffer.add(event("a"));
  buffer.add(event("b"));
  now = 60_000;
  buffer.add(event("a"));
  now = 120_001;
  buffer.add(event("a"));
  assert.deepEqual(
    buffer.read([]).events.map(({ text, times, at }) => [text, times, at]),
    [
      ["b", 1, 0],
      ["a", 2, 60_000],
      ["a", 1, 120_001],
    ],
  );
});

test("a client that waits learns of the first event that fits, and of none after its time", async () => {
  const buffer = createEventBuffer();
  const { cursor } = buffer.read([]);
  const waiting = buffer.readNext(["vm2"], cursor, 60_000);
  buffer.add(event("a"));
  buffer.add(event("b", "vm2"));
  assert.deepEqual(texts(await waiting), ["b"]);
  const keepAlive = setTimeout(() => undefined, 60_000);
  assert.deepEqual(texts(await buffer.readNext([], buffer.read([]).cursor, 1)), []);
  clearTimeout(keepAlive);
});

test("reports that say the same make one event, and the first state of a VM none", () => {
  const buffer = createEventBuffer();
  const recorder = createEventRecorder(buffer);
  const on = { fresh: true, snapshot: { powerState: "poweredOn" } } as const;
  const off = { fresh: true, snapshot: { powerState: "poweredOff" } } as const;
  for (const report of [on, on, off, off]) {
    recorder.vmReported("vm1", report, false);
  }
  recorder.vmReported("vm1", { fresh: false, kind: "unavailable", reason: "vCenter is away" }, false);
  recorder.vmReported("vm1", { fresh: false, kind: "busy", reason: "the connection is being opened" }, false);
  recorder.vmReported("vm1", { fresh: false, kind: "notFound", reason: "no VM named vm1" }, false);
  recorder.linkChanged("vc", "u", { state: "connecting" });
  recorder.linkChanged("vc", "u", { state: "connected" });
  recorder.linkChanged("vc", "u", { state: "reconnecting", since: "1", reason: "it hung up" });
  recorder.linkChanged("vc", "u", { state: "reconnecting", since: "2", reason: "it hung up" });
  assert.deepEqual(texts(buffer.read([])), [
    "the VM is powered off",
    "no VM named vm1",
    "connected as u",
    "not connected: it hung up",
  ]);
});
