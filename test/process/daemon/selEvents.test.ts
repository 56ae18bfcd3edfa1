import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { withChecksum } from "../../../src/model/sel/checkedLine.js";
import { encodeSelLine } from "../../../src/model/sel/selLine.js";
import { readSelEvents } from "../../../src/process/events/selEvents.js";
import { temporaryFolder } from "../../support/temporaryFolder.js";

const root = temporaryFolder();
const always = { after: 0, before: Infinity };
const started = "Microcontroller #0x30 | Transition to Running | Asserted";

/** A BMC's folder with a journal of entries of these times, ms. */
function folderWith(name: string, times: readonly number[]): [string, string] {
  const record = Buffer.from("0000020000000020000416300a00ffff", "hex");
  const lines = times.map((at, index) => {
    record.writeUInt16LE((index % 0xfffe) + 1, 0);
    return `${withChecksum(encodeSelLine({ kind: "add", time: 7, record, at }))}\n`;
  });
  const folder = path.join(root, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, "sel.journal"), lines.join(""));
  return [name, folder];
}

const every = (count: number, first: number, step: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index * step);

test("entries of several SELs come in the order of their times; a BMC without a SEL tells nothing", async () => {
  const folders = new Map([folderWith("a", [1, 4]), folderWith("b", [2, 3]), ["c", path.join(root, "nowhere")]]);
  assert.deepEqual(
    (await readSelEvents(folders, always)).map(({ at, name, kind, text }) => [at, name, kind, text]),
    [
      [1, "a", "sel", started],
      [2, "b", "sel", started],
      [3, "b", "sel", started],
      [4, "a", "sel", started],
    ],
  );
});

test("of many SELs the newest 1,000 entries are told, whichever of the SELs hold them", async () => {
  const numbers = every(20, 0, 1);
  const folders = new Map(numbers.map((number) => folderWith(`many-${number}`, every(200, number + 1, 20))));
  const events = await readSelEvents(folders, always);
  assert.deepEqual(
    events.map(({ at }) => at),
    every(1_000, 3_001, 1),
  );
});

test("of a journal of 8,192 lines the end is enough, and a period is kept to", async () => {
  const folders = new Map([folderWith("long", every(8_192, 1, 1))]);
  assert.deepEqual(
    (await readSelEvents(folders, always)).map(({ at }) => at),
    every(1_000, 7_193, 1),
  );
  const inPeriod = await readSelEvents(folders, { after: 8_000, before: 8_003 });
  assert.deepEqual(
    inPeriod.map(({ at }) => at),
    [8_001, 8_002],
  );
});
