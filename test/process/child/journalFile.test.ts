import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { createSel } from "../../../src/model/sel/sel.js";
import { openJournalFile } from "../../../src/process/child/journalFile.js";
import { quietKeeping, recordedKeeping } from "../../support/keeping.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const noDamage = (): void => assert.fail("nothing is damaged");
const noTrouble = (reason: string): void => assert.fail(reason);

test("lines are there after a restart, readable by no one else", async () => {
  const file = path.join(temporaryFolder(), "sel.journal");
  const journal = openJournalFile(file, quietKeeping, noDamage);
  await Promise.all([journal.append("one"), journal.append("two")]);
  await journal.append("three");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(openJournalFile(file, quietKeeping, noDamage).savedLines, ["one", "two", "three"]);
});

test("a journal without a line makes no file", async () => {
  const file = path.join(temporaryFolder(), "sel.journal");
  assert.deepEqual(openJournalFile(file, quietKeeping, noDamage).savedLines, []);
  await assert.rejects(stat(file));
});

test("a power failure in the middle of a line loses that line only, wherever it is torn", async () => {
  const file = path.join(temporaryFolder(), "sel.journal");
  const journal = openJournalFile(file, quietKeeping, noDamage);
  await journal.append("one");
  const { size: whole } = await stat(file);
  await journal.append("two");
  const { size } = await stat(file);
  for (let length = size - 1; length >= whole; length--) {
    await truncate(file, length);
    assert.deepEqual(openJournalFile(file, quietKeeping, noDamage).savedLines, ["one"], `cut to ${length} bytes`);
  }
});

test("the SEL goes on behind a torn line", async () => {
  const file = path.join(temporaryFolder(), "sel.journal");
  const record = Buffer.alloc(16, 0xee);
  const before = createSel(openJournalFile(file, quietKeeping, noDamage), noTrouble);
  await before.add(record, 1).persisted;
  await appendFile(file, "add 0100");
  const torn = createSel(openJournalFile(file, quietKeeping, noDamage), noTrouble);
  await torn.add(record, 2).persisted;
  await torn.add(record, 3).persisted;
  const after = createSel(openJournalFile(file, quietKeeping, noDamage), noTrouble);
  assert.deepEqual([after.count(), after.last()?.readUInt16LE(0)], [3, 3]);
});

test("a damaged line in the middle is reported, and the others stay", async () => {
  const file = path.join(temporaryFolder(), "sel.journal");
  const journal = openJournalFile(file, quietKeeping, noDamage);
  await journal.append("one");
  await journal.append("two");
  await journal.append("three");
  await writeFile(file, (await readFile(file, "utf8")).replace("two", "tw0"));
  let lost = 0;
  const { savedLines } = openJournalFile(file, quietKeeping, (count) => (lost = count));
  assert.deepEqual([savedLines, lost], [["one", "three"], 1]);
});

test("a disk that does not take a line says so, and takes all when it can again", async () => {
  const folder = path.join(temporaryFolder(), "vm1");
  const file = path.join(folder, "sel.journal");
  const journal = openJournalFile(file, recordedKeeping(folder).storageLog, noDamage);
  await assert.rejects(journal.append("one"), { name: "StorageError", kind: "refused" });
  await mkdir(folder);
  await journal.replace(["one", "two"]);
  await journal.append("three");
  assert.deepEqual(openJournalFile(file, quietKeeping, noDamage).savedLines, ["one", "two", "three"]);
});

test("a journal that is a pipe is set aside, and a new one begun", async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, "sel.journal");
  execFileSync("mkfifo", [file]);
  const { storageLog, lines } = recordedKeeping(folder);
  const journal = openJournalFile(file, storageLog, noDamage);
  assert.deepEqual(lines, [
    "the data of the BMC in sel.journal is lost: it is a pipe, not a file; the file was renamed",
  ]);
  await journal.append("one");
  assert.deepEqual(openJournalFile(file, quietKeeping, noDamage).savedLines, ["one"]);
});
