/** Tasks are followed by one list of them, on which vCenter pushes how they go; they are read where it does not. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { FromLink } from "../../../src/process/ipc/link.js";
import { linksOfThisFile, type ServedLink } from "../../support/servedLink.js";

const open = linksOfThisFile();

/** Longer than any client waits, ms. */
const taskDurationMs = 3_000;

/** VMs that are on, and whose tasks are slow from now on. */
async function openWithSlowTasks(vms: number): Promise<{ served: ServedLink; names: readonly string[] }> {
  const served = await open({ simulator: { vms } });
  const names = [...served.simulator.inventory.vms.values()].map(({ name }) => name);
  await served.serve(...names);
  await Promise.all(names.map((name) => served.machine(name).power("on")));
  served.simulator.behaviour.taskDurationMs = taskDurationMs;
  return { served, names };
}

/** Resets a VM by a task that is going to fail, and resolves when its failure has been told. */
async function failLate(served: ServedLink, name: string): Promise<FromLink> {
  const sent = served.messages.length;
  await served.machine(name).power("reset");
  served.vm(name).powerState = "poweredOff";
  return served.until((message) => message.type === "machineEvent" && message.vmName === name, sent);
}

function tasksListed({ simulator }: ServedLink): number {
  const [view] = [...simulator.inventory.objects.all()].filter(({ reference }) => reference.type === "ListView");
  const value = view?.properties()["view"];
  return value?.kind === "array" ? value.items.length : 0;
}

const lateFailure = /"operation":"power","reason":"InvalidPowerState: /;

test("tasks of 20 VMs are pushed to their end, failures included: none is read", async () => {
  const { served, names } = await openWithSlowTasks(20);
  const reads = served.calls("RetrievePropertiesEx");
  const failures = await Promise.all(names.map((name) => failLate(served, name)));
  failures.forEach((failure) => assert.match(JSON.stringify(failure), lateFailure));
  const looks = served.calls("RetrievePropertiesEx") - reads;
  assert.ok(looks <= 6, `${looks} calls, where tasks that are read are read some 10 times each`);
  assert.equal(served.calls("CreateListView"), 1);
});

test("tasks that have ended leave the list with those that come", async () => {
  const { served } = await openWithSlowTasks(1);
  served.simulator.behaviour.taskDurationMs = 20;
  for (const operation of ["reset", "off", "on", "reset"] as const) {
    await served.machine("vm-01").power(operation);
  }
  assert.equal(served.calls("CreateListView"), 1);
  assert.ok(tasksListed(served) <= 2);
});

test("a server that makes no list views is asked once for one: tasks are read together", async () => {
  const served = await open({ simulator: { vms: 10 } });
  const names = [...served.simulator.inventory.vms.values()].map(({ name }) => name);
  await served.serve(...names);
  served.simulator.rules.add({ method: "CreateListView", misbehaviour: { kind: "fault", type: "NotSupported" } });
  await served.machine(names[0]!).power("on");
  await Promise.all(names.map((name) => served.machine(name).power("on")));
  served.simulator.behaviour.taskDurationMs = taskDurationMs;
  const reads = served.calls("RetrievePropertiesEx");
  const failures = await Promise.all(names.map((name) => failLate(served, name)));
  failures.forEach((failure) => assert.match(JSON.stringify(failure), lateFailure));
  assert.equal(served.calls("CreateListView"), 1);
  const looks = served.calls("RetrievePropertiesEx") - reads;
  assert.ok(looks >= 4 && looks <= 30, `${looks} calls, where a look at each of them would be some 100`);
});

test("a list that the server has forgotten is made again, and its tasks are read meanwhile", async () => {
  const { served } = await openWithSlowTasks(2);
  served.simulator.behaviour.taskDurationMs = 20;
  const fault = { kind: "fault", type: "ManagedObjectNotFound" } as const;
  served.simulator.rules.add({ method: "ModifyListView", times: 1, misbehaviour: fault });
  await served.machine("vm-01").power("reset");
  await served.machine("vm-02").power("reset");
  assert.equal(served.calls("CreateListView"), 2);
  served.simulator.behaviour.taskDurationMs = taskDurationMs;
  assert.match(JSON.stringify(await failLate(served, "vm-02")), lateFailure);
});

test("a push that hangs while a task runs: the task is read", async () => {
  const { served } = await openWithSlowTasks(1);
  served.simulator.behaviour.taskDurationMs = 6_000;
  served.simulator.rules.add({ method: "WaitForUpdatesEx", misbehaviour: { kind: "hang" } });
  assert.match(JSON.stringify(await failLate(served, "vm-01")), lateFailure);
});

test("a session that is renewed while a task runs: the task is read in the new one", async () => {
  const { served } = await openWithSlowTasks(1);
  const failed = failLate(served, "vm-01");
  await served.machine("vm-01").bootOverride();
  served.simulator.sessions.expireAll();
  assert.match(JSON.stringify(await failed), lateFailure);
  assert.equal(served.calls("Login"), 2);
});
