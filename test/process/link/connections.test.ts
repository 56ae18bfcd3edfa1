/** Few connections, however many BMCs there are: an ESXi host cuts clients off, and with them its own vCenter. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isState, linksOfThisFile, type ServedLink } from "../../support/servedLink.js";

const open = linksOfThisFile();

/** 8, and the long poll. */
const maxConnections = 9;

function namesOf({ simulator }: ServedLink): string[] {
  return [...simulator.inventory.vms.values()].map(({ name }) => name);
}

test("60 VMs that are switched on at the same moment at a server that cuts off what goes beyond 12 connections", async () => {
  const served = await open({ simulator: { vms: 60 } });
  served.simulator.behaviour.connectionLimit = 12;
  const names = namesOf(served);
  await served.serve(...names);
  await Promise.all(names.map((name) => served.machine(name).power("on")));
  assert.ok([...served.simulator.inventory.vms.values()].every(({ powerState }) => powerState === "poweredOn"));
  const { peak, refused } = served.simulator.connections;
  assert.deepEqual([refused(), peak() <= maxConnections], [0, true], `${peak()} connections`);
  assert.ok(!served.messages.some(isState("reconnecting")));
});

test("60 VMs whose sensors are read at the same moment", async () => {
  const served = await open({ simulator: { vms: 60 } });
  served.simulator.behaviour.connectionLimit = 12;
  const names = namesOf(served);
  await served.serve(...names);
  const statistics = await Promise.all(names.map((name) => served.machine(name).statistics()));
  assert.ok(statistics.every(({ uptimeSeconds }) => uptimeSeconds !== undefined));
  const { peak, refused } = served.simulator.connections;
  assert.deepEqual([refused(), peak() <= maxConnections], [0, true], `${peak()} connections`);
});

test("20 resets, each over a connection of its own, are no more connections than the others", async () => {
  const served = await open({ simulator: { vms: 20 } });
  const names = namesOf(served);
  await served.serve(...names);
  await Promise.all(names.map((name) => served.machine(name).power("on")));
  await Promise.all(names.map((name) => served.machine(name).power("reset")));
  assert.equal(served.calls("ResetVM_Task"), 20);
  // One that makes room closes while another one is opened.
  const peak = served.simulator.connections.peak();
  assert.ok(peak <= maxConnections + 2, `${peak} connections`);
});

test("connections whose opening takes longer than the call that wants them count until they are there", async () => {
  const served = await open({ simulator: { vms: 40 } });
  const names = namesOf(served);
  await served.serve(...names);
  served.simulator.rules.add({ method: "PowerOnVM_Task", misbehaviour: { kind: "hang" } });
  const startedAt = performance.now();
  const results = await Promise.allSettled(names.map((name) => served.machine(name).power("on")));
  assert.ok(results.every(({ status }) => status === "rejected"));
  assert.ok(performance.now() - startedAt < 2_000);
  const made = served.calls("PowerOnVM_Task");
  assert.ok(made <= 8, "what had no turn is not done later");
  served.simulator.rules.clear();
  // The connections are free again when the calls have timed out.
  await served
    .machine(names[0]!)
    .power("on")
    .catch(() => undefined);
  assert.ok(served.simulator.connections.peak() <= maxConnections);
  assert.ok(made <= 8);
});

test("vCenter lists us by name and version", async () => {
  const served = await open({ userAgent: "vbmc4vsphere/1.2.3" });
  await served.serve("vm-01");
  const agents = served.simulator.sessions.list().map(({ userAgent }) => userAgent);
  assert.deepEqual(agents, ["vbmc4vsphere/1.2.3"]);
});

test("the sensors of 60 VMs are read in a few calls: summaries 50 at a time, counters 64 at a time", async () => {
  const served = await open({ simulator: { vms: 60 } });
  const names = namesOf(served);
  await served.serve(...names);
  const before = served.calls("RetrievePropertiesEx");
  await Promise.all(names.map((name) => served.machine(name).statistics()));
  // The list of counters, 50 and 10 summaries, the host; 21 VMs of 3 counters each: on a busy machine a few more.
  const calls = [served.calls("RetrievePropertiesEx") - before, served.calls("QueryPerf")] as const;
  assert.ok(calls[0] <= 12 && calls[1] <= 9, calls.join());
});

test("one VM that is gone spoils the sensors of no other VM that is read with it", async () => {
  const served = await open({ simulator: { vms: 20 } });
  const names = namesOf(served);
  await served.serve(...names);
  const gone = served.vm(names[7]!);
  served.simulator.rules.add({ method: "WaitForUpdatesEx", misbehaviour: { kind: "hang" } });
  served.simulator.inventory.objects.remove(gone.id);
  const results = await Promise.allSettled(names.map((name) => served.machine(name).statistics()));
  const failed = results.flatMap(({ status }, index) => (status === "rejected" ? [names[index]] : []));
  assert.deepEqual(failed, [names[7]]);
});
