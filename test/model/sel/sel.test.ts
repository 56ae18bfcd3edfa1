import assert from "node:assert/strict";
import { test } from "node:test";

import { createEventLog } from "../../../src/model/bmc/events/eventLog.js";
import { toSelRecord } from "../../../src/model/bmc/events/eventRecords.js";
import type { BmcEvent } from "../../../src/model/bmc/events/events.js";
import { createInMemoryJournal, type Journal } from "../../../src/model/sel/journal.js";
import { createSel, unspecifiedTime } from "../../../src/model/sel/sel.js";
import { encodeSelLine } from "../../../src/model/sel/selLine.js";

const record = (mark: number): Buffer => Buffer.from([0, 0, 0xe0, ...Array<number>(13).fill(mark)]);
const noTrouble = (reason: string): void => assert.fail(reason);

/** A journal that returns what it was asked to keep. */
function createTestJournal(): Journal & { lines: string[]; failures: number } {
  const journal = {
    savedLines: [],
    lines: [] as string[],
    /** How many of the next calls fail. */
    failures: 0,
    append: (line: string) => run(() => journal.lines.push(line)),
    replace: (lines: readonly string[]) => run(() => (journal.lines = [...lines])),
  };
  async function run(step: () => unknown): Promise<void> {
    await Promise.resolve();
    if (journal.failures > 0) {
      journal.failures--;
      throw new Error("no space left on device");
    }
    step();
  }
  return journal;
}

test("records are numbered from 1 and read one after the other (§31.5)", () => {
  const sel = createSel(createInMemoryJournal(), noTrouble);
  assert.equal(sel.first(), undefined);
  assert.deepEqual([sel.lastAddition(), sel.lastErase()], [unspecifiedTime, unspecifiedTime]);
  assert.equal(sel.add(record(0xaa), 100).id, 1);
  assert.equal(sel.add(record(0xbb), 200).id, 2);
  assert.equal(sel.first()?.toString("hex"), "0100e0aaaaaaaaaaaaaaaaaaaaaaaaaa");
  assert.equal(sel.last()?.toString("hex"), "0200e0bbbbbbbbbbbbbbbbbbbbbbbbbb");
  assert.deepEqual([sel.idAfter(1), sel.idAfter(2), sel.idAfter(3)], [2, undefined, undefined]);
  assert.deepEqual([sel.count(), sel.lastAddition()], [2, 200]);
});

test("a full log gives its oldest record's place to the new one, and says so", () => {
  const sel = createSel(createInMemoryJournal(), noTrouble, { capacity: 40 });
  for (let mark = 1; mark <= 45; mark++) {
    sel.add(record(mark), mark);
  }
  assert.deepEqual([sel.count(), sel.hasOverflowed()], [40, true]);
  assert.equal(sel.first()?.readUInt16LE(0), 6);
  assert.equal(sel.find(5), undefined);
  assert.equal(sel.find(45)?.readUInt8(3), 45);
  assert.equal(sel.idAfter(44), 45);
});

test("a record that is deleted is gone, its neighbours stay (§31.8)", async () => {
  const sel = createSel(createInMemoryJournal(), noTrouble, { capacity: 4 });
  [1, 2, 3, 4, 5].forEach((mark) => sel.add(record(mark), mark));
  assert.equal(await sel.delete(3, 9), true);
  assert.equal(await sel.delete(3, 9), false);
  assert.deepEqual([sel.idAfter(2), sel.count(), sel.lastErase(), sel.version()], [4, 3, 9, 6]);
  sel.add(record(6), 10);
  assert.deepEqual(
    [4, 5, 6].map((id) => sel.find(id)?.readUInt8(3)),
    [4, 5, 6],
  );
});

test("what was kept is there after a restart: records, deletions, times, and that there were more", async () => {
  const journal = createTestJournal();
  const sel = createSel(journal, noTrouble, { capacity: 3 });
  for (const mark of [1, 2, 3, 4]) {
    await sel.add(record(mark), mark).persisted;
  }
  await sel.delete(3, 7);
  const again = createSel({ ...journal, savedLines: journal.lines }, noTrouble, { capacity: 3 });
  assert.deepEqual([again.first()?.readUInt16LE(0), again.idAfter(2), again.count()], [2, 4, 2]);
  assert.deepEqual([again.lastAddition(), again.lastErase(), again.hasOverflowed()], [4, 7, true]);
  await again.clear(8);
  const cleared = createSel({ ...journal, savedLines: journal.lines }, noTrouble, { capacity: 3 });
  assert.deepEqual([cleared.count(), cleared.lastErase(), cleared.hasOverflowed()], [0, 8, false]);
});

test("the journal never grows beyond twice the log, and a summary loses nothing", async () => {
  const journal = createTestJournal();
  const sel = createSel(journal, noTrouble, { capacity: 5 });
  await sel.clear(1);
  for (let mark = 1; mark <= 200; mark++) {
    await sel.add(record(mark), mark).persisted;
    assert.ok(journal.lines.length <= 10);
    const again = createSel({ ...journal, savedLines: journal.lines }, noTrouble, { capacity: 5 });
    assert.deepEqual(again.last(), sel.last());
    assert.deepEqual([again.count(), again.lastAddition(), again.lastErase()], [Math.min(mark, 5), mark, 1]);
  }
});

test("records that a full disk did not take are kept with the next one that it takes", async () => {
  const journal = createTestJournal();
  const sel = createSel(journal, noTrouble);
  // The line itself, and the try to write all again.
  journal.failures = 2;
  await assert.rejects(sel.add(record(1), 1).persisted, /no space left/);
  await sel.add(record(2), 2).persisted;
  const again = createSel({ ...journal, savedLines: journal.lines }, noTrouble);
  assert.deepEqual([again.first(), again.last()], [sel.first(), sel.last()]);
});

test("lines of its journal that no record can be are told, passed over, and gone with the next that is kept", async () => {
  const strange = ["add 00000000", "add 01000000" + "ff".repeat(16), "delete 00", "state", `add ${"00".repeat(20)}`];
  const good = encodeSelLine({ kind: "add", time: 1, record: Buffer.from([1, ...record(7).subarray(1)]) });
  const journal = createTestJournal();
  const troubles: string[] = [];
  const sel = createSel({ ...journal, savedLines: [...strange, good] }, (reason) => troubles.push(reason));
  assert.deepEqual(troubles, ["5 lines of its journal are unusable and have been lost"]);
  assert.equal(sel.count(), 1);
  await sel.add(record(2), 2).persisted;
  assert.equal(createSel({ ...journal, savedLines: journal.lines }, noTrouble).count(), 2);
});

const byCommand = { by: "command", userId: 2, address: "192.0.2.7" } as const;

/** By hand from §32.1-2 and table 42-3; the time is 11223344h. */
const cases: readonly (readonly [BmcEvent, string])[] = [
  [{ type: "bmcStarted" }, "0000024433221120000428300700ffff"],
  [{ type: "power", change: "off", origin: { by: "vsphere" } }, "0000024433221120000409016fa000ff"],
  [{ type: "power", change: "on", origin: byCommand }, "000002443322112000040901efa04207"],
  [{ type: "power", change: "cycle", origin: { by: "watchdog" } }, "0000024433221120000409016fa180ff"],
  [{ type: "power", change: "reset", origin: byCommand }, "000002443322112000041d326fa14207"],
  [{ type: "power", change: "on", origin: { by: "restorePolicy" } }, "000002443322112000040901efa0c0ff"],
  [{ type: "booted", device: "floppy" }, "000002443322112000041f346f00ffff"],
  [{ type: "booted", device: "disk" }, "000002443322112000041f346f01ffff"],
  [{ type: "booted", device: "pxe" }, "000002443322112000041f346f02ffff"],
  [{ type: "booted", device: "cdrom" }, "000002443322112000041f346f04ffff"],
  [
    { type: "diagnosticInterrupt", origin: { ...byCommand, address: "::ffff:192.0.2.7" } },
    "0000024433221120000413336fa04207",
  ],
  [{ type: "questionAsked" }, "00000244332211200004280807" + "02ffff"],
  [{ type: "questionAnswered" }, "00000244332211200004280807" + "00ffff"],
  [{ type: "operationFailed", operation: "power" }, "0000024433221120000409016f05ffff"],
  [{ type: "operationFailed", operation: "setBootOverride" }, "0000024433221120000428356f01ffff"],
  [
    { type: "loginFailed", userId: 0, address: "2001:db8::a:b0c", disablesUser: false },
    "000002443322112000042a316ff20001",
  ],
  [{ type: "loginFailed", userId: 2, address: "192.0.2.7", disablesUser: true }, "000002443322112000042a316ff30201"],
  [{ type: "selCleared", origin: { by: "vsphere" } }, "0000024433221120000410066f02ffff"],
  [{ type: "watchdogExpired", action: "reset", timerUse: 4, interrupt: 0 }, "0000024433221120000423056ff104ff"],
];

for (const [event, expected] of cases) {
  test(`${JSON.stringify(event)} as a SEL record (§32, table 42-3)`, () => {
    assert.equal(toSelRecord(event, 0x11223344).toString("hex"), expected);
  });
}

for (const [address, last] of [
  ["2001:db8::1a2b", "2b"],
  ["fe80::5%eth0", "05"],
  ["2001:db8::", "00"],
  ["::ffff:192.0.2.16", "10"],
] as const) {
  test(`the record of a command from ${address} ends in ${last}`, () => {
    const origin = { by: "command", userId: 3, address } as const;
    assert.equal(toSelRecord({ type: "power", change: "off", origin }, 0).toString("hex", 13), `a043${last}`);
  });
}

test("failed logins are recorded ten at once and then one in ten minutes, whatever an attacker tries", () => {
  const sel = createSel(createInMemoryJournal(), noTrouble);
  let now = 0;
  const events = createEventLog({ sel, now: () => now, selTime: () => 0, isEnabled: () => true });
  const attack = (): void =>
    events.record({ type: "loginFailed", userId: 0, address: "192.0.2.9", disablesUser: false });
  for (let count = 0; count < 100; count++) {
    attack();
  }
  assert.equal(sel.count(), 10);
  now = 3_600_000;
  for (let count = 0; count < 100; count++) {
    attack();
  }
  assert.equal(sel.count(), 16);
});
