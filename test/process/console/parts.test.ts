/** The parts of the console process that need no socket. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";
import { mock, test } from "node:test";

import fc from "fast-check";

import { createHostList, isListed } from "../../../src/process/console/hostList.js";
import { createLimbo } from "../../../src/process/console/limbo.js";
import type { Line } from "../../../src/process/console/line.js";
import type { LineClient } from "../../../src/process/console/lineClients.js";
import { createOutputRing } from "../../../src/process/console/outputRing.js";
import { createSeatInput } from "../../../src/process/console/seatInput.js";
import { createStateReports } from "../../../src/process/console/stateReports.js";
import { createTranscript } from "../../../src/process/console/transcript.js";
import { createWriters } from "../../../src/process/console/writers.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const folder = temporaryFolder();

test("the ring returns what was appended, from any position that it keeps", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20_000 }), { maxLength: 12 });
  fc.assert(
    fc.property(pieces, fc.nat(), (chunks, seed) => {
      const ring = createOutputRing(40_000);
      chunks.forEach((chunk) => ring.append(Buffer.from(chunk)));
      const all = Buffer.concat(chunks);
      assert.equal(ring.end, all.length);
      assert.ok(ring.end - ring.start >= Math.min(all.length, 40_000), "what was promised is kept");
      assert.ok(ring.end - ring.start <= 40_000 + 3 * 8_192, "and not much more");
      let position = ring.start + (seed % (ring.end - ring.start + 1));
      const expected = all.subarray(position);
      const read: Buffer[] = [];
      while (position < ring.end) {
        const bytes = ring.read(position);
        assert.ok(bytes.length > 0);
        read.push(bytes);
        position += bytes.length;
      }
      assert.deepEqual(Buffer.concat(read), Buffer.from(expected));
      assert.equal(ring.read(ring.end).length, 0);
    }),
    { numRuns: 60 },
  );
});

test("limbo is left in time, and the oldest goes when there is no more room", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const expelled: string[] = [];
    const limbo = createLimbo({ maxConnections: 2, timeoutMs: 10_000 });
    const enter = (name: string): (() => void) => limbo.enter((reason) => expelled.push(`${name}: ${reason}`));
    enter("first");
    const leaveSecond = enter("second");
    enter("third");
    assert.deepEqual(expelled, ["first: too many connections do not say who they are"]);
    leaveSecond();
    enter("fourth");
    assert.equal(limbo.size, 2);
    mock.timers.tick(10_000);
    assert.deepEqual(expelled.slice(1), [
      "third: it did not say within 10 s who it is",
      "fourth: it did not say within 10 s who it is",
    ]);
    assert.equal(limbo.size, 0);
  } finally {
    mock.timers.reset();
  }
});

test("hosts are addresses and networks of both families", () => {
  assert.equal(createHostList([]), undefined);
  const list = createHostList(["192.0.2.7", "10.20.0.0/16", "2001:db8::/32"])!;
  for (const [address, isIn] of [
    ["192.0.2.7", true],
    ["192.0.2.8", false],
    ["10.20.255.1", true],
    ["10.21.0.1", false],
    ["2001:db8:1::1", true],
    ["2001:db9::1", false],
    ["", false],
  ] as const) {
    assert.equal(isListed(list, address), isIn, address);
  }
});

test("a transcript is only ours, is rotated, and a path that is not a file is reported once", async () => {
  const directory = path.join(folder, "logs");
  const warnings: string[] = [];
  const log = (_level: string, _text: string, fields: object = {}): void => {
    warnings.push((fields as { reason: string }).reason);
  };
  for (const letter of ["a", "b", "c"]) {
    const transcript = createTranscript({ directory, vmName: "vm-01", maxBytes: 1_000, log });
    transcript.write(Buffer.alloc(600, letter));
    await transcript.close();
  }
  assert.equal(readFileSync(path.join(directory, "vm-01.log"), "latin1"), "c".repeat(600));
  assert.equal(readFileSync(path.join(directory, "vm-01.log.1"), "latin1"), "b".repeat(600));
  assert.equal(statSync(path.join(directory, "vm-01.log")).mode & 0o777, 0o600);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  assert.equal(warnings.length, 0);

  mkdirSync(path.join(directory, "vm-02.log"));
  symlinkSync("/dev/null", path.join(directory, "vm-03.log"));
  for (const [vmName, reason] of [
    ["vm-02", "it is a folder"],
    ["vm-03", "its symbolic links form a loop"],
  ] as const) {
    const strange = createTranscript({ directory, vmName, maxBytes: 1_000, log });
    strange.write(Buffer.from("x"));
    strange.write(Buffer.from("y"));
    await strange.close();
    assert.equal(warnings.pop(), reason);
    assert.equal(warnings.length, 0);
  }
});

test("keys are passed on at once, and confirmed together: each confirmation wakes the client's process", () => {
  const [confirmed, typed]: [Buffer[], string[]] = [[], []];
  const socket = { write: (frame: Buffer) => confirmed.push(frame) > 0 };
  const line = { takesInput: true, type: (_client: LineClient, bytes: Buffer) => typed.push(bytes.toString()) };
  const input = createSeatInput(socket as never, line as never, () => ({}) as LineClient);
  for (let key = 0; key < 4_095; key++) {
    input.type(Buffer.from("k"));
  }
  assert.deepEqual([typed.length, confirmed.length], [4_095, 0]);
  input.type(Buffer.from("pasted"));
  assert.equal(typed.at(-1), "pasted");
  // A progress frame: so many bytes have been taken.
  assert.deepEqual(
    confirmed.map((frame) => frame.toString("hex")),
    ["0a0000000400001005"],
  );
});

test("bytes are counted without a look at the state, and reported with what else has changed", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const reported: string[] = [];
  const reports = createStateReports((vmName, { bytesIn }) => reported.push(`${vmName} ${bytesIn}`));
  let looks = 0;
  const line = {
    watchers: [],
    bytesOut: 0,
    get bytesIn() {
      return ++looks;
    },
  } as unknown as Line;
  reports.counted("web-01", line);
  reports.counted("web-01", line);
  assert.deepEqual([looks, reported], [0, []]);
  t.mock.timers.tick(2_000);
  assert.deepEqual([looks, reported], [1, ["web-01 1"]]);
  reports.changed("web-01", line);
  assert.equal(reported.length, 2);
});

test("the first client types; the next in line follows, Serial over LAN first", () => {
  const writers = createWriters<{
    name: string;
    user: { kind: "sol" | "terminal"; user: string; from: string };
    isReadOnly: boolean;
  }>();
  const client = (name: string, kind: "sol" | "terminal" = "terminal", isReadOnly = false) => ({
    name,
    user: { kind, user: name, from: "" },
    isReadOnly,
  });
  const [alice, bob, sol, eve] = [
    client("alice"),
    client("bob"),
    client("sol", "sol"),
    client("eve", "terminal", true),
  ];
  [eve, alice, bob, sol].forEach((each) => writers.join(each));
  assert.equal(writers.writer, alice, "who only reads never types");
  assert.equal(writers.take(sol), alice);
  assert.equal(writers.take(eve), undefined);
  assert.equal(writers.writer, sol);
  assert.equal(writers.take(bob), sol);
  writers.leave(bob);
  assert.equal(writers.writer, sol);
  writers.release(sol);
  assert.equal(writers.writer, alice);
  writers.release(alice);
  assert.equal(writers.writer, undefined, "no client is made to type");
  writers.take(alice);
  writers.leave(alice);
  writers.leave(sol);
  assert.equal(writers.writer, undefined);
});
