/** When the former boot order comes back, in a time that the test lets pass. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { createBootRestorer } from "../../../src/process/link/bootRestorer.js";
import type { BootNote, PendingBoot } from "../../../src/vsphere/nextBoot.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
afterEach(() => mock.timers.reset());

const before: PendingBoot = { device: "pxe", former: [], wasOn: false, bootTime: null, tasks: [] };
const off = { powerState: "poweredOff", toolsRunning: false, bootTime: undefined } as const;
const on = { powerState: "poweredOn", toolsRunning: false, bootTime: "2026-11-24T10:00:00Z" } as const;
const setWhileOn: PendingBoot = { ...before, wasOn: true, bootTime: on.bootTime };

function open(pending: PendingBoot | undefined = before, failures = 0, isRefusedWhileOn = false) {
  let kept: BootNote = { pending };
  const told = { restored: 0, failed: 0 };
  const restorer = createBootRestorer({
    memory: {
      read: () => kept,
      write: (next) => {
        kept = next;
        return Promise.resolve();
      },
    },
    now: Date.now,
    restore: () => {
      told.restored++;
      if (told.restored <= failures) {
        return Promise.reject(new Error("away"));
      }
      if (!isRefusedWhileOn) {
        kept = {};
      }
      return Promise.resolve(!isRefusedWhileOn);
    },
    onFailure: () => told.failed++,
  });
  return { restorer, told, pending: () => kept.pending };
}

test("without Tools the order comes back 120 s after the VM was seen to start, not before", () => {
  const { restorer, told } = open();
  restorer.observe(off);
  mock.timers.tick(1_000_000);
  restorer.observe(on);
  mock.timers.tick(60_000);
  restorer.observe(on);
  mock.timers.tick(59_999);
  assert.equal(told.restored, 0);
  mock.timers.tick(1);
  assert.equal(told.restored, 1);
});

test("Tools that come up bring it back at once", () => {
  const { restorer, told } = open();
  restorer.observe(on);
  restorer.observe({ ...on, toolsRunning: true });
  assert.equal(told.restored, 1);
});

test("a VM that was on when the device was set must start again; a reset by us is such a start", () => {
  const { restorer, told } = open(setWhileOn);
  restorer.observe(on);
  mock.timers.tick(1_000_000);
  assert.equal(told.restored, 0);
  restorer.onStart();
  mock.timers.tick(120_000);
  assert.equal(told.restored, 1);
});

test("after a restart of the daemon only the rest of the 120 s is waited for", () => {
  mock.timers.setTime(500_000);
  const { restorer, told } = open({ ...before, startedAt: 400_000 });
  restorer.observe(on);
  mock.timers.tick(19_999);
  assert.equal(told.restored, 0);
  mock.timers.tick(1);
  assert.equal(told.restored, 1);
});

test("a vCenter that would not is asked again after 60 s; a stopped restorer asks nothing more", async () => {
  const { restorer, told, pending } = open({ ...before, startedAt: 0 }, 2);
  restorer.observe(on);
  mock.timers.tick(120_000);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(told, { restored: 1, failed: 1 });
  mock.timers.tick(60_000);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(told, { restored: 2, failed: 2 });
  restorer.stop();
  mock.timers.tick(1_000_000);
  assert.equal(told.restored, 2);
  assert.ok(pending(), "the order to restore is not forgotten");
});

test("a start is seen without a boot time as well: the VM was off, and is on", () => {
  const { restorer, pending } = open({ ...setWhileOn, bootTime: null });
  const unknown = { ...on, bootTime: undefined };
  restorer.observe(unknown);
  assert.equal(pending()?.startedAt, undefined, "it has been on all the time");
  restorer.observe({ ...unknown, powerState: "suspended" });
  restorer.observe(unknown);
  assert.equal(pending()?.startedAt, undefined, "a VM that is resumed does not boot");
  restorer.observe(off);
  restorer.observe(unknown);
  assert.notEqual(pending()?.startedAt, undefined);
});

test("Tools that go down and come back without the VM being off were in a guest that booted again", () => {
  const { restorer, told } = open(setWhileOn);
  restorer.observe({ ...on, toolsRunning: true });
  restorer.observe(on);
  assert.equal(told.restored, 0, "the guest may be shutting down, and the device be meant for the start after it");
  restorer.observe({ ...on, toolsRunning: true });
  assert.equal(told.restored, 1);
});

test("a soft shutdown and a start: the device holds for that start", () => {
  const { restorer, told, pending } = open(setWhileOn);
  restorer.observe({ ...on, toolsRunning: true });
  restorer.observe(on);
  restorer.observe(off);
  assert.equal(told.restored, 0);
  restorer.observe({ ...on, bootTime: "2026-11-24T11:00:00Z" });
  assert.notEqual(pending()?.startedAt, undefined);
});

test("a VM that goes off after its start gets the former order back at once, whichever client starts it next", () => {
  const { restorer, told } = open();
  restorer.observe(on);
  restorer.observe(off);
  assert.equal(told.restored, 1);
});

test("where the server takes no order while the VM is on, it comes back when the VM is off, and not by the clock", async () => {
  const { restorer, told } = open(before, 0, true);
  restorer.observe(on);
  restorer.observe({ ...on, toolsRunning: true });
  await Promise.resolve();
  mock.timers.tick(1_000_000);
  restorer.observe({ ...on, toolsRunning: true });
  assert.equal(told.restored, 1);
  restorer.observe(off);
  assert.equal(told.restored, 2);
});
