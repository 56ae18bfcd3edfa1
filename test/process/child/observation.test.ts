import assert from "node:assert/strict";
import { test } from "node:test";

import { toSelRecord } from "../../../src/model/bmc/events/eventRecords.js";
import type { BmcEvent } from "../../../src/model/bmc/events/events.js";
import { createObservation } from "../../../src/process/child/observation.js";
import { createSupervisorChannel } from "../../../src/process/child/supervisorChannel.js";
import type { FromChild } from "../../../src/process/ipc/child.js";

const noSessions = { openSessions: () => 0, openRedfishSessions: () => 0, sessionTimeoutMs: 60_000 };

test("of refused logins only those that were logged become events, so that strangers cannot fill what is kept", () => {
  const sent: FromChild[] = [];
  const channel = createSupervisorChannel((message) => sent.push(message));
  const { observation, stop } = createObservation("vm1", channel, noSessions);
  const failure = {
    reason: "wrong password",
    user: { id: 2, name: "admin" },
    source: "192.0.2.1",
    disablesUser: false,
  } as const;
  observation.onLoginFailed({ ...failure, count: 1, isLogged: true });
  observation.onLoginFailed({ ...failure, count: 2, isLogged: false });
  stop();
  const event = { kind: "login", source: "192.0.2.1", user: "admin", text: "login refused: wrong password" };
  assert.deepEqual(sent, [{ type: "event", vmName: "vm1", event }]);
});

test("a record of the SEL is an event, unless another event tells the same with more words", () => {
  const sent: FromChild[] = [];
  const channel = createSupervisorChannel((message) => sent.push(message));
  const { observation } = createObservation("vm1", channel, noSessions);
  const command = { by: "command", userId: 2, address: "192.0.2.17" } as const;
  const events: readonly BmcEvent[] = [
    // The daemon tells where it listens, ...
    { type: "bmcStarted" },
    // ... a refused login has its address and its user's name, ...
    { type: "loginFailed", userId: 2, address: "192.0.2.1", disablesUser: false },
    // ... and so has a command, with its reason if it fails.
    { type: "selCleared", origin: command },
    { type: "operationFailed", operation: "power", origin: command },
    { type: "operationFailed", operation: "power" },
    { type: "operationFailed", operation: "power", origin: { by: "restorePolicy" } },
    { type: "power", change: "on", origin: command },
    { type: "booted", device: "pxe" },
  ];
  events.forEach((event, index) => {
    observation.onSelRecord(toSelRecord(event, 1_000), 5_000 + index);
  });
  assert.deepEqual(
    sent.map((message) => (message.type === "event" ? message.event : undefined)),
    [
      {
        kind: "sel",
        at: 5_005,
        text: "Power Unit #0x01 | Soft-power control failure | Asserted: by the power restore policy",
      },
      {
        kind: "sel",
        at: 5_006,
        text: "Power Unit #0x01 | Power off/down | Deasserted: powered on by user 2, whose address ends in 17",
      },
      { kind: "sel", at: 5_007, text: "OS Boot #0x34 | PXE boot completed | Asserted" },
    ],
  );
});

test("a flood of refused logins does not keep a record of the SEL from being told", () => {
  const sent: FromChild[] = [];
  const channel = createSupervisorChannel((message) => sent.push(message));
  const { observation } = createObservation("vm1", channel, noSessions);
  for (let count = 1; count <= 1_000; count++) {
    observation.onLoginFailed({
      reason: "wrong password",
      source: "192.0.2.1",
      disablesUser: false,
      user: { id: 2, name: "admin" },
      count,
      isLogged: true,
    });
  }
  observation.onSelRecord(toSelRecord({ type: "power", change: "off", origin: { by: "vsphere" } }, 1_000), 5_000);
  assert.ok(sent.length < 100);
  const last = sent.at(-1);
  const text = "Power Unit #0x01 | Power off/down | Asserted: powered off by vSphere or the guest";
  assert.deepEqual(last, { type: "event", vmName: "vm1", event: { kind: "sel", at: 5_000, text } });
});

test("a Redfish request is logged for who debugs, without what it carried", () => {
  const sent: FromChild[] = [];
  const channel = createSupervisorChannel((message) => sent.push(message));
  const { observation } = createObservation("vm1", channel, noSessions);
  const request = {
    method: "PATCH",
    resource: "/redfish/v1/AccountService/Accounts/{accountId}",
    status: 200,
    ms: 3,
    source: "192.0.2.1",
    user: "admin",
    change: "ManagerAccount Password",
    reason: undefined,
  };
  observation.onRequest(request);
  assert.ok(!sent.some(({ type }) => type === "log"), "not at the usual level");
  channel.setLogLevel("debug");
  observation.onRequest(request);
  const fields = { vm: "vm1", ...request };
  assert.deepEqual(sent.at(-1), { type: "log", level: "debug", message: "Redfish request", fields });
});
