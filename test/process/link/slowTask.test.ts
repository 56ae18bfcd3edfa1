/** A task that does not end: readings go on, a power off is sent all the same, and "busy" says what hinders. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { linksOfThisFile, type ServedLink, startLink } from "../../support/servedLink.js";

const openLink = linksOfThisFile();

/** vm-01 is on, and its reset runs for a minute. */
async function openWithSlowReset(): Promise<ServedLink> {
  const served = await openLink();
  await served.serve("vm-01", "vm-02");
  await served.machine("vm-01").power("on");
  served.simulator.behaviour.taskDurationMs = 60_000;
  await served.machine("vm-01").power("reset");
  return served;
}

test("the boot device is read at once while a task runs", async () => {
  const served = await openWithSlowReset();
  const startedAt = Date.now();
  assert.equal(await served.machine("vm-01").bootOverride(), undefined);
  assert.ok(Date.now() - startedAt < 1_000, "it does not wait for the task");
});

test("a command that waits for another one is busy, and the reason names the task and its age", async () => {
  const served = await openWithSlowReset();
  const waiting = served.machine("vm-01").setBootOverride({ device: "pxe", persistent: false });
  await assert.rejects(waiting, {
    kind: "busy",
    message: /^ResetVM_Task has been running on the VM for \d+ s: try again when it has ended$/,
  });
  assert.equal(served.calls("ReconfigVM_Task"), 0);
});

test("a power off is sent while a task runs: what vCenter says to it is the answer", async () => {
  const served = await openWithSlowReset();
  await assert.rejects(served.machine("vm-01").power("off"), {
    kind: "busy",
    message: /^ResetVM_Task has been running on the VM for \d+ s: try again when it has ended$/,
  });
  assert.equal(served.calls("PowerOffVM_Task"), 1);
  served.vm("vm-01").isBusy = false;
  served.simulator.behaviour.taskDurationMs = 20;
  await served.machine("vm-01").power("off");
  assert.equal(served.vm("vm-01").powerState, "poweredOff");
});

test("a power off in the course of a cycle is the last word: the VM stays off", async () => {
  const served = await openLink();
  await served.serve("vm-01");
  const machine = served.machine("vm-01");
  await machine.power("on");
  const cycled = machine.power("cycle", { cycleIntervalMs: 1_100 });
  await Promise.all([
    machine.power("off"),
    assert.rejects(cycled, { kind: "busy", message: /a power off that came later has taken its place/ }),
  ]);
  assert.equal(served.calls("PowerOnVM_Task"), 1, "only the first power on");
});

test("a task of someone else that makes the VM busy is named with its age too", async () => {
  const served = await openLink();
  await served.serve("vm-01");
  const other = await startLink({ after: served });
  await other.serve("vm-01");
  served.simulator.behaviour.taskDurationMs = 60_000;
  await other.machine("vm-01").power("on");
  await assert.rejects(served.machine("vm-01").setBootOverride({ device: "pxe", persistent: false }), {
    kind: "busy",
    message: /^PowerOnVM_Task has been running on the VM for \d+ s: try again when it has ended$/,
  });
  await other.stopLink();
});
