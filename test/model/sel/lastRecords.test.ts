import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { withChecksum } from "../../../src/model/sel/checkedLine.js";
import { lastRecords } from "../../../src/model/sel/lastRecords.js";
import { createSel } from "../../../src/model/sel/sel.js";
import { encodeSelLine } from "../../../src/model/sel/selLine.js";
import { openJournalFile } from "../../../src/process/child/journalFile.js";
import { quietKeeping } from "../../support/keeping.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const always = { after: 0, before: Infinity, limit: 1_000 };
const record = (id: number, seconds: number): Buffer => {
  const bytes = Buffer.from("000002000000002000041630 0a00ffff".replace(" ", ""), "hex");
  bytes.writeUInt16LE(id, 0);
  bytes.writeUInt32LE(seconds, 3);
  return bytes;
};
const added = (id: number, at: number): string => encodeSelLine({ kind: "add", time: 7, record: record(id, 7), at });
const journal = (...lines: readonly string[]): string => lines.map((line) => `${withChecksum(line)}\n`).join("");
const noTrouble = (reason: string): void => assert.fail(reason);
const noDamage = (): void => assert.fail("nothing is damaged");
const seen = (text: string, period: Partial<typeof always> = {}): number[][] =>
  lastRecords(text, { ...always, ...period }).map(({ at, record: each }) => [each.readUInt16LE(0), at]);

test("records come in their order, with the host's time whatever the BMC's is", () => {
  assert.deepEqual(seen(journal(added(1, 1_001), added(2, 1_002))), [
    [1, 1_001],
    [2, 1_002],
  ]);
});

test("a period, and a number of the newest, is kept to", () => {
  const text = journal(added(1, 1_000), added(2, 2_000), added(3, 3_000), added(4, 4_000));
  assert.deepEqual(seen(text, { after: 1_000, before: 4_000 }), [
    [2, 2_000],
    [3, 3_000],
  ]);
  assert.deepEqual(seen(text, { limit: 1 }), [[4, 4_000]]);
  assert.deepEqual(seen(text, { limit: 1, before: 3_000 }), [[2, 2_000]]);
});

test("what was deleted is gone, but not another record that has the ID later", () => {
  const deletion = encodeSelLine({ kind: "delete", time: 8, id: 1 });
  assert.deepEqual(seen(journal(added(1, 1), added(2, 2), deletion, added(1, 3))), [
    [2, 2],
    [1, 3],
  ]);
});

test("what was cleared is gone", () => {
  assert.deepEqual(seen(journal(added(1, 1), encodeSelLine({ kind: "clear", time: 8 }), added(2, 2))), [[2, 2]]);
});

test("a line without a time, as a summary writes it, has the record's; an OEM record the line's", () => {
  const oem = Buffer.alloc(16, 0xe0);
  const lines = [record(1, 100), oem].map((each) => encodeSelLine({ kind: "add", time: 200, record: each }));
  assert.deepEqual(
    seen(journal(...lines)).map(([, at]) => at),
    [100_000, 200_000],
  );
});

test("a damaged line, a torn end, an empty file and no journal at all are passed over", () => {
  const text = journal(added(1, 1), added(2, 2));
  assert.deepEqual(seen(text.replace("add", "bad")), [[2, 2]]);
  assert.deepEqual(seen(text.slice(0, -3)), [[1, 1]]);
  for (const none of ["", "\n\n", "nonsense\n", withChecksum("") + "\n", withChecksum("state 00") + "\n"]) {
    assert.deepEqual(seen(none), []);
  }
});

test("they are those of the SEL that wrote the journal, also after it was written again", async () => {
  const file = path.join(temporaryFolder(), "sel.journal");
  const capacity = 8;
  let now = 5_000;
  const sel = createSel(openJournalFile(file, quietKeeping, noDamage), noTrouble, { capacity, hostNow: () => now });
  for (let count = 1; count <= 30; count++) {
    now += 10;
    await sel.add(record(0, 1_000 + count), 1_000 + count).persisted;
    if (count % 7 === 0) {
      await sel.delete(count - 1, 0);
    }
    const ids: number[] = [];
    for (let id = sel.first()?.readUInt16LE(0); id !== undefined; id = sel.idAfter(id)) {
      ids.push(id);
    }
    const found = seen(await readFile(file, "utf8"), { limit: ids.length });
    assert.deepEqual(
      found.map(([id]) => id),
      ids,
    );
  }
});
