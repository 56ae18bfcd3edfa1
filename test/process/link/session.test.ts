/** One login for all, kept alive, renewed when it expires, ended at stop. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { deadlineIn } from "../../../src/base/async/deadline.js";
import { until } from "../../support/patience.js";
import {
  isOff,
  isOn,
  isState,
  linksOfThisFile,
  type ServedLink,
  startLink,
  switchElsewhere,
} from "../../support/servedLink.js";

const open = linksOfThisFile();

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `vm-${String(index + 1).padStart(2, "0")}`);

/** All calls but the waits, which the push makes anyway. */
function callCount({ simulator }: ServedLink): number {
  return [...simulator.calls].reduce((sum, [method, count]) => sum + (method === "WaitForUpdatesEx" ? 0 : count), 0);
}

test("50 BMCs are one login, one sweep and one filter; 100 power states cost no call", async () => {
  const served = await open({ simulator: { vms: 50 } });
  await served.serve(...names(50));
  assert.deepEqual(
    ["Login", "CreateContainerView", "CreateFilter", "CreatePropertyCollector"].map(served.calls),
    [1, 1, 1, 1],
  );
  const machine = served.machine("vm-07");
  const before = callCount(served);
  for (let asked = 0; asked < 100; asked++) {
    assert.equal(await machine.powerState(), "poweredOff");
  }
  assert.equal(callCount(served), before);
});

test("1,000 VMs are found by name in one sweep, in pages of 100 at most", async () => {
  const served = await open({ simulator: { vms: 1_000 } });
  const all = [...served.simulator.inventory.vms.values()].map(({ name }) => name);
  await served.serve(...all);
  assert.deepEqual(["Login", "CreateContainerView"].map(served.calls), [1, 1]);
  assert.equal(served.calls("ContinueRetrievePropertiesEx"), 9);
});

test("many VMs are watched in pieces: one more, or one less, makes one filter again and tells no other VM again", async () => {
  const served = await open({ simulator: { vms: 602 } });
  const all = [...served.simulator.inventory.vms.values()].map(({ name }) => name);
  await served.serve(...all.slice(0, 600));
  const filters = (): number => served.calls("CreateFilter") - served.calls("DestroyPropertyFilter");
  assert.deepEqual([served.calls("CreateFilter"), filters()], [3, 3]);
  /** What is replaced goes after its successor has been made. */
  const untilThree = (): Promise<true> => until("three filters are left", () => filters() === 3);
  const toldSince = (mark: number): Set<string> =>
    new Set(served.messages.slice(mark).flatMap((message) => (message.type === "machineReport" ? message.vmName : [])));

  const beforeOneMore = served.messages.length;
  await served.serve(all[600]!);
  await untilThree();
  assert.equal(served.calls("CreateFilter"), 4);
  assert.ok(toldSince(beforeOneMore).size <= 101);

  served.link.withdraw([all[0]!]);
  await served.serve(all[601]!);
  await untilThree();
  for (const name of [all[1]!, all[599]!, all[601]!]) {
    switchElsewhere(served, served.vm(name), "poweredOn");
    await served.reported(name, isOn);
  }
  const beforeGone = served.messages.length;
  switchElsewhere(served, served.vm(all[0]!), "poweredOn");
  switchElsewhere(served, served.vm(all[2]!), "poweredOn");
  await served.reported(all[2]!, isOn);
  assert.deepEqual([...toldSince(beforeGone)], [all[2]]);
  assert.equal(served.calls("Login"), 1);
});

test("adding and removing a BMC changes the filter without a new login; nothing is reported of a VM that is not served", async () => {
  const served = await open();
  await served.serve("vm-01");
  await served.serve("vm-02");
  assert.deepEqual([served.calls("Login"), served.calls("CreateFilter")], [1, 2]);
  const before = served.messages.length;
  served.link.withdraw(["vm-01"]);
  switchElsewhere(served, served.vm("vm-01"), "poweredOn");
  switchElsewhere(served, served.vm("vm-02"), "poweredOn");
  await served.reported("vm-02", isOn);
  const told = served.messages
    .slice(before)
    .flatMap((message) => (message.type === "machineReport" ? message.vmName : []));
  assert.ok(!told.includes("vm-01"));
  assert.equal(served.calls("Login"), 1);
});

test("serving a VM again that is served already loses nothing and asks nothing", async () => {
  const served = await open();
  await served.serve("vm-01");
  const before = callCount(served);
  const mark = served.messages.length;
  served.link.serve([{ vmName: "vm-01", directory: served.directory }]);
  assert.equal(await served.machine("vm-01").powerState(), "poweredOff");
  const again = served.messages.slice(mark).find(({ type }) => type === "machineReport");
  assert.ok(
    again?.type === "machineReport" && isOff(again.report),
    "it is reported at once, for a BMC that has just started",
  );
  assert.equal(callCount(served), before);
});

test("a change made elsewhere is pushed, and after our own command the state is true at once", async () => {
  const served = await open();
  await served.serve("vm-01");
  switchElsewhere(served, served.vm("vm-01"), "suspended");
  const report = await served.reported("vm-01", (latest) => latest.fresh && latest.snapshot.powerState === "suspended");
  assert.ok(report.fresh);
  const machine = served.machine("vm-01");
  for (const [operation, state] of [
    ["on", "poweredOn"],
    ["off", "poweredOff"],
  ] as const) {
    await machine.power(operation);
    assert.equal(machine.snapshot()?.powerState, state);
  }
});

test("what is asked while the connection is being opened waits for it, and is answered truthfully", async () => {
  const served = await open({ simulator: { vms: [{ name: "vm-01", powerState: "poweredOn" }] } });
  served.simulator.rules.add({ method: "Login", misbehaviour: { kind: "delay", ms: 300 } });
  served.link.serve([{ vmName: "vm-01", directory: served.directory }]);
  const machine = served.machine("vm-01");
  await Promise.all([
    machine.power("reset"),
    (async () => assert.equal(await machine.powerState(), "poweredOn"))(),
    (async () => assert.equal(await machine.bootOverride(), undefined))(),
  ]);
  assert.deepEqual([served.calls("Login"), served.calls("ResetVM_Task")], [1, 1]);
});

test("a connection that takes too long to open: busy in time, and nothing is done later", async () => {
  const served = await open();
  served.simulator.rules.add({ method: "Login", misbehaviour: { kind: "delay", ms: 2_500 } });
  served.link.serve([{ vmName: "vm-01", directory: served.directory }]);
  const machine = served.machine("vm-01");
  const startedAt = performance.now();
  await Promise.all([
    assert.rejects(async () => machine.powerState(), { kind: "busy" }),
    assert.rejects(machine.power("on"), { kind: "busy" }),
  ]);
  assert.ok(performance.now() - startedAt < 2_000);
  await served.reported("vm-01", isOff);
  assert.equal(served.calls("PowerOnVM_Task"), 0);
});

test("an operation that reaches the link when its asker has given up is not begun", async () => {
  const served = await open();
  await served.serve("vm-01");
  const result = await served.link.operate("vm-01", { name: "power", power: "on" }, deadlineIn(-1));
  assert.ok(!result.ok && result.kind === "busy");
  assert.equal(served.calls("PowerOnVM_Task"), 0);
});

test("an expired session is renewed once for 20 operations at the same time, and the push goes on", async () => {
  const served = await open({ simulator: { vms: 20 } });
  const all = names(20);
  await served.serve(...all);
  served.simulator.sessions.expireAll();
  await Promise.all(all.map((name) => served.machine(name).power("on")));
  switchElsewhere(served, served.vm("vm-01"), "poweredOff");
  await served.reported("vm-01", isOff);
  assert.equal(served.calls("Login"), 2);
  assert.equal(served.simulator.sessions.count(), 1);
  assert.ok(!served.messages.some(isState("reconnecting")));
});

test("NotAuthenticated from a server that has kept the session leaves no second session behind", async () => {
  const served = await open();
  await served.serve("vm-01");
  const fault = { kind: "fault", type: "NotAuthenticated" } as const;
  served.simulator.rules.add({ method: "PowerOnVM_Task", times: 1, misbehaviour: fault });
  await served.machine("vm-01").power("on");
  await served.reported("vm-01", isOn);
  assert.equal(served.simulator.sessions.count(), 1);
});

test("a login that is refused when the session is renewed is not tried again by the next call", async () => {
  const served = await open();
  await served.serve("vm-01");
  served.simulator.rules.add({ method: "Login", misbehaviour: { kind: "fault", type: "InvalidLogin" } });
  served.simulator.sessions.expireAll();
  const machine = served.machine("vm-01");
  await Promise.all(Array.from({ length: 10 }, () => assert.rejects(machine.power("on"), { kind: "unavailable" })));
  await served.until(isState("loginFailed"));
  await assert.rejects(machine.power("on"), /refuses the login/);
  assert.equal(served.calls("Login"), 2);
});

test("the session is kept alive by calls of its own", async () => {
  const served = await open({ intervals: { watching: 20 } });
  await served.serve("vm-01");
  await until("three calls", () => served.calls("CurrentTime") >= 3);
});

test("after 30 rounds of start and stop no session is left over, each having been one login", async () => {
  const first = await open();
  await first.serve("vm-01");
  await first.stopLink();
  for (let round = 1; round < 30; round++) {
    const next = await startLink({ after: first });
    if (round % 2 === 0) {
      await next.serve("vm-01");
    }
    await next.stopLink();
  }
  assert.equal(first.simulator.sessions.count(), 0);
  assert.ok(first.calls("Login") <= 30);
});

test("a stop in the middle of the login logs out", async () => {
  const served = await open();
  served.simulator.rules.add({ method: "Login", misbehaviour: { kind: "delay", ms: 200 } });
  await until("the login has begun", () => served.calls("Login") > 0);
  await served.stopLink();
  assert.deepEqual([served.calls("Logout"), served.simulator.sessions.count()], [1, 0]);
});
