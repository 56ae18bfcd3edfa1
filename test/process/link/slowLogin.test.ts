/** A vCenter whose domain controller is slow: the connection comes about, is reported as slow, and leaves no session behind. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "../../support/patience.js";
import { isState, linksOfThisFile } from "../../support/servedLink.js";

const open = linksOfThisFile();
const delay = (ms: number) => ({ method: "Login", misbehaviour: { kind: "delay", ms } }) as const;

test("a login that takes 12 s is reported as slow, not as a vCenter that is away, and comes about", async () => {
  const served = await open();
  await served.serve("vm-01");
  served.simulator.rules.add(delay(12_000));
  served.simulator.sessions.expireAll();
  const told = await served.until(
    (message) => message.type === "linkState" && message.linkState.state === "connecting",
    served.messages.length,
  );
  assert.match(JSON.stringify(told), /takes long to log in .*: its domain controller may be slow/);
  const report = await served.reported("vm-01", ({ fresh }) => !fresh);
  assert.ok(!report.fresh && report.kind === "busy");
  await served.reported("vm-01", ({ fresh }) => fresh);
  assert.equal(served.simulator.sessions.count(), 1);
  assert.ok(!served.messages.some(isState("reconnecting")));
});

test("a login that is given up is waited for, and its session logged out", async () => {
  const served = await open();
  await served.serve("vm-01");
  await served.stopLink();
  const slow = await open({ after: served, loginLimits: { timeoutMs: 100 } });
  served.simulator.rules.add(delay(500));
  await slow.until(isState("reconnecting"));
  served.simulator.rules.clear();
  await slow.serve("vm-01");
  await until("both sessions are logged out", () => served.calls("Logout") >= 2);
  assert.equal(served.simulator.sessions.count(), 1);
});
