import assert from "node:assert/strict";
import { test } from "node:test";

import { openConsole } from "../../../support/administrator.js";

const sensorEvent = 0x04;

test("platform event filtering has neither filters nor actions (§30.1)", async () => {
  assert.deepEqual(await (await openConsole()).data(sensorEvent, 0x10), [0x51, 0, 0]);
});

/** [parameter, value behind the revision] */
const parameters: readonly (readonly [number, readonly number[]])[] = [
  [0, [0]],
  [1, [0]],
  [2, [0]],
  [3, [0]],
  [4, [0]],
  [5, [0]],
  [8, [0]],
  [10, Array<number>(17).fill(0)],
  [11, [0]],
  [0x80, []],
];

for (const [parameter, value] of parameters) {
  test(`PEF parameter ${parameter} is read, and not written (§30.3-4)`, async () => {
    const console = await openConsole();
    assert.deepEqual(await console.data(sensorEvent, 0x13, [parameter, 0, 0]), [0x11, ...value]);
    assert.equal(await console.code(sensorEvent, 0x12, [parameter, 1]), 0x82);
    if (parameter !== 0x80) {
      assert.equal(await console.code(sensorEvent, 0x12, [parameter, ...value]), 0, "what it is already");
    }
  });
}

test("of alert strings there is the volatile one, which is empty (§30.4)", async () => {
  const console = await openConsole();
  const block = [0, 4, ...Array<number>(16).fill(0)];
  assert.deepEqual(await console.data(sensorEvent, 0x13, [12, 0, 0]), [0x11, 0, 0, 0]);
  assert.deepEqual(await console.data(sensorEvent, 0x13, [13, 0, 4]), [0x11, ...block]);
  assert.equal(await console.code(sensorEvent, 0x13, [13, 0, 5]), 0x80);
  assert.equal(await console.code(sensorEvent, 0x12, [13, ...block]), 0);
  assert.equal(await console.code(sensorEvent, 0x12, [13, 0, 1, 0]), 0, "FreeIPMI writes the end alone");
  assert.equal(await console.code(sensorEvent, 0x12, [13, 0, 4, 0x41, 0]), 0x82);
});

test("tables without entries are not there (§30.4)", async () => {
  const console = await openConsole();
  for (const parameter of [6, 7, 9, 12, 13]) {
    assert.equal(await console.code(sensorEvent, 0x13, [parameter, 1, 0]), 0x80);
    assert.equal(await console.code(sensorEvent, 0x12, [parameter, 1]), 0x80);
  }
});

test("the last processed event is none, the last record is the SEL's (§30.6)", async () => {
  const console = await openConsole();
  const nothing = Array<number>(10).fill(0xff);
  assert.deepEqual(await console.data(sensorEvent, 0x15), nothing);
  await console.data(sensorEvent, 0x02, [0x04, 0x01, 0x30, 0x01, 0x59, 0x00, 0x00]);
  assert.deepEqual(await console.data(sensorEvent, 0x15), [0xe8, 3, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff]);
});
