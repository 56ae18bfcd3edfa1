/** A vCenter that hangs, restarts, refuses or answers nonsense: never an old state as new, and back by itself. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Misbehaviour } from "../../../src/simulator/rules.js";
import { until } from "../../support/patience.js";
import { isOff, isOn, isState, linksOfThisFile, switchElsewhere } from "../../support/servedLink.js";

const open = linksOfThisFile();

/** [name, misbehaviour of every call, what the reason says] */
const outages: readonly (readonly [string, Misbehaviour, RegExp])[] = [
  ["HTTP 503 with a page of HTML", { kind: "unavailable" }, /answered HTTP 503 without a SOAP envelope/],
  ["an empty HTTP 200", { kind: "empty" }, /answered HTTP 200 without a SOAP envelope/],
  ["a redirect", { kind: "redirect" }, /answered HTTP 302 without a SOAP envelope/],
  ["broken XML", { kind: "garbage" }, /is not a valid vSphere response/],
  ["connections that are reset", { kind: "reset" }, /cannot reach 127\.0\.0\.1 port \d+: ECONNRESET/],
];

for (const [name, misbehaviour, reason] of outages) {
  test(`${name} instead of answers: unavailable with the reason, and back by itself without a new look-up`, async () => {
    const served = await open();
    await served.serve("vm-01");
    served.simulator.rules.add({ misbehaviour });
    served.simulator.sessions.expireAll();
    const report = await served.reported("vm-01", ({ fresh }) => !fresh);
    assert.ok(!report.fresh);
    assert.match(report.reason, reason);
    await assert.rejects(async () => served.machine("vm-01").powerState(), { kind: "unavailable" });
    const { linkState } = (await served.until(isState("reconnecting"))) as { linkState: { since?: string } };
    assert.ok(!Number.isNaN(Date.parse(linkState.since ?? "")));
    switchElsewhere(served, served.vm("vm-01"), "poweredOn");
    served.simulator.rules.clear();
    await served.reported("vm-01", isOn);
    assert.equal(served.calls("CreateContainerView"), 1, "its reference is remembered");
  });
}

test("a vCenter that hangs: what is known is not new any more, and answers come within 2 s", async () => {
  const served = await open();
  await served.serve("vm-01");
  const machine = served.machine("vm-01");
  served.simulator.rules.add({ misbehaviour: { kind: "hang" } });
  const report = await served.reported("vm-01", ({ fresh }) => !fresh);
  assert.ok(!report.fresh && report.kind === "busy");
  const startedAt = performance.now();
  await assert.rejects(async () => machine.powerState(), { kind: "busy" });
  await assert.rejects(machine.power("on"), { kind: "busy" });
  assert.ok(performance.now() - startedAt < 2 * 2_000);
  assert.equal(served.calls("PowerOnVM_Task"), 0);
  served.simulator.rules.clear();
  await served.reported("vm-01", isOff);
});

test("a push that hangs while other calls work: the state is read, and is the true one", async () => {
  const served = await open();
  await served.serve("vm-01");
  const machine = served.machine("vm-01");
  served.simulator.rules.add({ method: "WaitForUpdatesEx", misbehaviour: { kind: "hang" } });
  await served.reported("vm-01", ({ fresh }) => !fresh);
  for (const state of ["poweredOn", "poweredOff", "poweredOn"] as const) {
    switchElsewhere(served, served.vm("vm-01"), state);
    assert.equal(await machine.powerState(), state);
  }
  await machine.power("off");
  assert.equal(await machine.powerState(), "poweredOff");
});

test("a vCenter that goes while no VM has been found is missed by the next keep-alive, of which there are many then", async () => {
  const served = await open({ intervals: { idle: 20 } });
  served.link.serve([{ vmName: "nosuch" }]);
  await served.reported("nosuch", (report) => !report.fresh && report.kind === "notFound");
  served.simulator.rules.add({ misbehaviour: { kind: "unavailable" } });
  await served.until(isState("reconnecting"));
  await served.reported("nosuch", (report) => !report.fresh && report.kind === "unavailable");
  served.simulator.rules.clear();
  await served.reported("nosuch", (report) => !report.fresh && report.kind === "notFound");
});

test("while a VM is watched nothing is asked so often for the session's sake", async () => {
  const served = await open({ intervals: { idle: 20 } });
  await served.serve("vm-01");
  const before = served.calls("CurrentTime");
  await until("four waits for updates", () => served.calls("WaitForUpdatesEx") >= 4);
  assert.equal(served.calls("CurrentTime"), before);
});

test("a push that is only late makes no new login: what is known is reported again", async () => {
  const served = await open();
  await served.serve("vm-01");
  served.simulator.rules.add({ method: "WaitForUpdatesEx", times: 1, misbehaviour: { kind: "delay", ms: 3_500 } });
  await served.reported("vm-01", ({ fresh }) => !fresh);
  await served.reported("vm-01", isOff);
  assert.equal(served.calls("Login"), 1);
});

test("a wrong password: one login, a reason that names the account, and no second login for a minute", async () => {
  const served = await open({ configuration: { password: "wrong" } });
  served.link.serve([{ vmName: "vm-01" }]);
  const message = await served.until(isState("loginFailed"));
  assert.match(JSON.stringify(message), /refuses the login of vbmc user@vsphere\.local: check user name and password/);
  const next = await served.until(
    ({ type, ...rest }) => type === "log" && "nextTrySeconds" in (rest as { fields: object }).fields,
  );
  assert.ok(next.type === "log" && Number(next.fields["nextTrySeconds"]) >= 60);
  await assert.rejects(async () => served.machine("vm-01").powerState(), { kind: "unavailable" });
  assert.equal(served.calls("Login"), 1);
  assert.doesNotMatch(JSON.stringify(served.messages), /wrong/);
});

test("a full session table is reported as what it is", async () => {
  const served = await open();
  await served.serve("vm-01");
  served.simulator.behaviour.sessionLimit = 0;
  served.simulator.sessions.expireAll();
  const report = await served.reported("vm-01", ({ fresh }) => !fresh);
  assert.match(JSON.stringify(report), /answered HTTP 503/);
});

test("a kept connection that the server has closed is no failure", async () => {
  const served = await open();
  await served.serve("vm-01");
  // Beside the connection on which updates are awaited there is another one from now on.
  await served.machine("vm-01").bootOverride();
  for (let round = 0; round < 3; round++) {
    served.simulator.rules.add({ method: "PowerOnVM_Task", times: 1, misbehaviour: { kind: "reset" } });
    await served.machine("vm-01").power("on");
    await served.machine("vm-01").power("off");
  }
  assert.ok(!served.messages.some(isState("reconnecting")));
});

test("a reset of the VM is never repeated: it goes over a connection of its own", async () => {
  const served = await open();
  await served.serve("vm-01");
  await served.machine("vm-01").power("on");
  served.simulator.rules.add({ method: "ResetVM_Task", times: 1, misbehaviour: { kind: "reset" } });
  await assert.rejects(served.machine("vm-01").power("reset"), { kind: "unavailable" });
  assert.equal(served.calls("ResetVM_Task"), 1);
});

test("a command whose client was told that nothing was done is not done later", async () => {
  const served = await open();
  await served.serve("vm-01");
  const machine = served.machine("vm-01");
  served.simulator.behaviour.taskDurationMs = 2_500;
  const first = machine.power("on");
  const second = machine.setBootOverride({ device: "pxe", persistent: true });
  await first;
  await assert.rejects(second, { kind: "busy", message: /PowerOnVM_Task has been running/ });
  await served.reported("vm-01", isOn);
  served.simulator.behaviour.taskDurationMs = 20;
  await machine.power("reset");
  assert.equal(served.calls("ReconfigVM_Task"), 0);
});

test("proxies of the environment are not asked", async () => {
  const before = process.env;
  const proxy = "http://127.0.0.1:1";
  process.env = {
    ...before,
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    ALL_PROXY: proxy,
    all_proxy: proxy,
    HTTP_PROXY: proxy,
  };
  try {
    const served = await open();
    await served.serve("vm-01");
  } finally {
    process.env = before;
  }
});
