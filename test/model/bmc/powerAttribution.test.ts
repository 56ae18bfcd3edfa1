/** Who switched the VM: SEL, restart cause and last power event give one answer. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { recordText } from "../../../src/model/sel/recordText.js";
import { openConsole } from "../../support/administrator.js";
import { createTestBmc, type TestBmc } from "../../support/testBmc.js";

const chassis = 0x00;
const powerOn = [1];
const reset = [3];
const vmOn = { powerState: "poweredOn" } as const;
const vmOff = { powerState: "poweredOff" } as const;

/** A BMC whose VM has just been seen in this state, and its console. */
async function bmcOf(state: "poweredOn" | "poweredOff") {
  const bmc = createTestBmc({}, { sessionTimeoutMs: 600_000 });
  bmc.machine.state = state;
  bmc.push();
  return { bmc, console: await openConsole(bmc) };
}

/** Restart cause, last power event bit 4, and the last record of the SEL. */
async function answers(bmc: TestBmc, console: Awaited<ReturnType<typeof openConsole>>) {
  const [cause] = await console.data(chassis, 0x07);
  const [, lastPowerEvent = 0] = await console.data(chassis, 0x01);
  const last = bmc.bmc.sel.last();
  return { cause, byCommand: (lastPowerEvent & 0x10) !== 0, record: last && recordText(last) };
}

test("a start that shows four minutes after its command is the command's in SEL, restart cause and last power event", async () => {
  const { bmc, console } = await bmcOf("poweredOff");
  // vCenter has taken the task, and runs it later.
  bmc.machine.power = () => Promise.resolve();
  assert.equal(await console.code(chassis, 0x02, powerOn), 0);
  bmc.now += 240_000;
  bmc.bmc.observe(vmOn);
  const { cause, byCommand, record } = await answers(bmc, console);
  assert.deepEqual([cause, byCommand], [1, true]);
  assert.match(record ?? "", /powered on by user/);
});

test("a start six minutes after a command is someone else's in all three", async () => {
  const { bmc, console } = await bmcOf("poweredOff");
  bmc.machine.power = () => Promise.resolve();
  assert.equal(await console.code(chassis, 0x02, powerOn), 0);
  bmc.now += 360_000;
  bmc.bmc.observe(vmOn);
  const { cause, byCommand, record } = await answers(bmc, console);
  assert.deepEqual([cause, byCommand], [0, false]);
  assert.match(record ?? "", /powered on by vSphere/);
});

test("a power on that found the VM on is not the cause of a start that follows an off in vSphere", async () => {
  const { bmc, console } = await bmcOf("poweredOn");
  assert.equal(await console.code(chassis, 0x02, powerOn), 0);
  bmc.bmc.observe(vmOff);
  bmc.bmc.observe(vmOn);
  const { cause, byCommand, record } = await answers(bmc, console);
  assert.deepEqual([cause, byCommand], [0, false]);
  assert.match(record ?? "", /powered on by vSphere/);
});

test("off and on that a hypervisor shows of a reset are the command's in all three", async () => {
  const { bmc, console } = await bmcOf("poweredOn");
  bmc.machine.power = () => Promise.resolve();
  assert.equal(await console.code(chassis, 0x02, reset), 0);
  bmc.now += 2_000;
  bmc.bmc.observe(vmOff);
  bmc.bmc.observe(vmOn);
  const { cause, byCommand, record } = await answers(bmc, console);
  assert.deepEqual([cause, byCommand], [1, true]);
  assert.match(record ?? "", /powered on by user/);
});

test("a start after the command has failed late is not put down to it", async () => {
  const { bmc, console } = await bmcOf("poweredOff");
  bmc.machine.power = () => Promise.resolve();
  assert.equal(await console.code(chassis, 0x02, powerOn), 0);
  bmc.bmc.operationFailed("power");
  bmc.bmc.observe(vmOn);
  const { cause, byCommand, record } = await answers(bmc, console);
  assert.deepEqual([cause, byCommand], [0, false]);
  assert.match(record ?? "", /powered on by vSphere/);
});
