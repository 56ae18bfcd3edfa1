/** When the former boot order comes back, in a time that the test lets pass. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { createBootRestorer } from "../../src/link/bootRestorer.js";
import type { PendingBoot } from "../../src/vsphere/nextBoot.js";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"] }));
afterEach(() => mock.timers.reset());

const before: PendingBoot = { device: "pxe", former: [], bootTime: null };
const off = { isOn: false, toolsRunning: false, bootTime: undefined };
const on = { isOn: true, toolsRunning: false, bootTime: "2026-11-24T10:00:00Z" };

function open(pending: PendingBoot | undefined = before, failures = 0) {
  let kept: PendingBoot | undefined = pending;
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
      kept = undefined;
      return Promise.resolve();
    },
    onFailure: () => told.failed++,
  });
  return { restorer, told, pending: () => kept };
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
  const { restorer, told } = open({ ...before, bootTime: on.bootTime });
  restorer.observe(on);
  mock.timers.tick(1_000_000);
  assert.equal(told.restored, 0);
  restorer.onReset();
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
  assert.ok(pending(), "the order to give back is not forgotten");
});
