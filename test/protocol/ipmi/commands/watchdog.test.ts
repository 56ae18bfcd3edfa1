import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

import { createInMemoryStorage } from "../../../../src/model/bmc/state/storage.js";
import { app, chassis, type Console, openConsole } from "../../../support/administrator.js";
import { createTestBmc, type TestBmc } from "../../../support/testBmc.js";

let bmc: TestBmc;
let console: Console;

beforeEach(async () => {
  bmc = createTestBmc();
  bmc.machine.state = "poweredOn";
  bmc.push();
  console = await openConsole(bmc);
});

const reset = 0x22;
const set = 0x24;
const get = 0x25;
/** SMS/OS, 10 s. */
const tenSeconds = [100, 0];

/** Lets what a timer began come to its end. */
const settled = (): Promise<void> => new Promise(setImmediate);

describe("watchdog timer (§27)", () => {
  test("before it is set it cannot be started (80h)", async () => {
    assert.deepEqual(await console.data(app, get), [0x04, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal(await console.code(app, reset), 0x80);
  });

  test("it is set, started, and counts down in steps of 100 ms", async () => {
    assert.equal(await console.code(app, set, [0x84, 0x01, 0, 0, ...tenSeconds]), 0);
    assert.deepEqual(await console.data(app, get), [0x84, 0x01, 0, 0, 100, 0, 100, 0]);
    assert.equal(await console.code(app, reset), 0);
    bmc.pass(3_000);
    assert.deepEqual(await console.data(app, get), [0xc4, 0x01, 0, 0, 100, 0, 70, 0]);
    assert.equal(await console.code(app, reset), 0);
    assert.deepEqual(await console.data(app, get), [0xc4, 0x01, 0, 0, 100, 0, 100, 0]);
    assert.equal(await console.code(app, set, [0x04, 0x01, 0, 0, ...tenSeconds]), 0);
    assert.deepEqual(await console.data(app, get), [0x04, 0x01, 0, 0, 100, 0, 100, 0], "set stops it");
  });

  for (const [action, operation] of [
    [0, undefined],
    [1, "reset"],
    [2, "off"],
    [3, "cycle"],
  ] as const) {
    test(`timeout action ${action} is ${operation ?? "nothing"}, once, and the expiration is remembered`, async () => {
      assert.equal(await console.code(app, set, [0x04, action, 0, 0, ...tenSeconds]), 0);
      assert.equal(await console.code(app, reset), 0);
      bmc.pass(9_999);
      await settled();
      assert.deepEqual(bmc.machine.operations, []);
      bmc.pass(1);
      await settled();
      assert.deepEqual(bmc.machine.operations, operation ? [operation] : []);
      assert.deepEqual((await console.data(app, get)).slice(0, 4), [0x04, action, 0, 0x10]);
      if (operation !== undefined && operation !== "off") {
        assert.deepEqual(await console.data(chassis, 0x07), [4, 1], "the restart cause is the watchdog");
      }
      bmc.pass(30_000);
      await settled();
      assert.equal(bmc.machine.operations.length, operation ? 1 : 0);
      assert.equal(await console.code(app, set, [0x04, action, 0, 0x10, ...tenSeconds]), 0);
      assert.equal((await console.data(app, get))[3], 0, "the flag is cleared by Set Watchdog Timer");
    });
  }

  test("resets in time keep the VM from being reset", async () => {
    assert.equal(await console.code(app, set, [0x04, 0x01, 0, 0, ...tenSeconds]), 0);
    for (let round = 0; round < 5; round++) {
      assert.equal(await console.code(app, reset), 0);
      bmc.pass(9_000);
    }
    await settled();
    assert.deepEqual(bmc.machine.operations, []);
  });

  test("the pre-timeout sends a diagnostic interrupt, and no reset of the timer helps from then on", async () => {
    assert.equal(await console.code(app, set, [0x04, 0x21, 4, 0, ...tenSeconds]), 0);
    assert.deepEqual((await console.data(app, get)).slice(0, 3), [0x04, 0x21, 4]);
    assert.equal(await console.code(app, reset), 0);
    bmc.pass(6_000);
    await settled();
    assert.deepEqual(bmc.machine.operations, ["diagnosticInterrupt"]);
    assert.equal(await console.code(app, reset), 0);
    bmc.pass(4_000);
    await settled();
    assert.deepEqual(bmc.machine.operations, ["diagnosticInterrupt", "reset"]);
  });

  test("a pre-timeout interval of 0 sends the interrupt with the timeout", async () => {
    assert.equal(await console.code(app, set, [0x04, 0x20, 0, 0, ...tenSeconds]), 0);
    assert.equal(await console.code(app, reset), 0);
    bmc.pass(10_000);
    await settled();
    assert.deepEqual(bmc.machine.operations, ["diagnosticInterrupt"]);
  });

  test("with “don't stop” a running timer goes on from the new countdown, and a stopped one stays stopped", async () => {
    assert.equal(await console.code(app, set, [0x44, 0x01, 0, 0, ...tenSeconds]), 0);
    assert.equal((await console.data(app, get))[0], 0x04);
    assert.equal(await console.code(app, reset), 0);
    bmc.pass(9_000);
    assert.equal(await console.code(app, set, [0x44, 0x02, 0, 0, 200, 0]), 0);
    bmc.pass(19_000);
    await settled();
    assert.deepEqual(bmc.machine.operations, []);
    bmc.pass(1_000);
    await settled();
    assert.deepEqual(bmc.machine.operations, ["off"]);
  });

  test("a countdown of 0 expires at once", async () => {
    assert.equal(await console.code(app, set, [0x04, 0x01, 0, 0, 0, 0]), 0);
    assert.equal(await console.code(app, reset), 0);
    bmc.pass(0);
    await settled();
    assert.deepEqual(bmc.machine.operations, ["reset"]);
  });

  test("it stops when the VM goes off, and has to be set again", async () => {
    assert.equal(await console.code(app, set, [0x04, 0x03, 0, 0, ...tenSeconds]), 0);
    assert.equal(await console.code(app, reset), 0);
    bmc.machine.state = "poweredOff";
    bmc.push();
    bmc.pass(20_000);
    await settled();
    assert.deepEqual(bmc.machine.operations, []);
    assert.equal(await console.code(app, reset), 0x80);
  });

  test("timer use 0 and 6, action 4, and interrupts that a VM has not are CCh", async () => {
    for (const [use, action] of [
      [0, 0],
      [6, 0],
      [4, 4],
      [4, 0x10],
      [4, 0x30],
    ] as const) {
      assert.equal(await console.code(app, set, [use, action, 0, 0, ...tenSeconds]), 0xcc);
    }
    assert.equal(await console.code(app, set, [4, 0, 0, 0, 100]), 0xc7);
  });

  test("after a restart of the BMC it is stopped, with its settings, and the log says so", async () => {
    const storage = createInMemoryStorage();
    const before = createTestBmc({ storage });
    const first = await openConsole(before);
    assert.equal(await first.code(app, set, [0x04, 0x01, 0, 0, ...tenSeconds]), 0);
    assert.equal(await first.code(app, reset), 0);
    const after = createTestBmc({ storage });
    const second = await openConsole(after);
    assert.ok(after.log.some(({ level, message }) => level === "warn" && /watchdog timer was running/.test(message)));
    assert.deepEqual(await second.data(app, get), [0x04, 0x01, 0, 0, 100, 0, 100, 0]);
    assert.equal(await second.code(app, reset), 0x80);
    after.pass(20_000);
    await settled();
    assert.deepEqual(after.machine.operations, []);
    const third = createTestBmc({ storage });
    assert.deepEqual(third.log, [], "and only once");
  });

  test("a boot device for the next start does not outlive a watchdog reset, unless parameter 3 says so", async () => {
    for (const [clearing, left] of [
      [0x00, undefined],
      [0x04, { device: "pxe", persistent: false }],
    ] as const) {
      assert.equal(await console.code(chassis, 0x08, [3, clearing]), 0);
      assert.equal(await console.code(chassis, 0x08, [5, 0x80, 0x04, 0, 0, 0]), 0);
      assert.equal(await console.code(app, set, [0x04, 0x01, 0, 0, ...tenSeconds]), 0);
      assert.equal(await console.code(app, reset), 0);
      bmc.pass(10_000);
      await settled();
      assert.deepEqual(bmc.machine.override, left);
    }
  });
});
