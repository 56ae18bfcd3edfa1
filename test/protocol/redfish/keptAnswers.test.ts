/** Who polls a System gets the answer of before, for as long as nothing of what it is made of has changed. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { BootOverride } from "../../../src/model/machine/machine.js";
import type { MachineOperation, MachineOperationResult } from "../../../src/model/machine/operation.js";
import { createRemoteMachine, type RemoteMachine } from "../../../src/process/child/remoteMachine.js";
import type { CompleteResponse } from "../../../src/protocol/redfish/exchange.js";
import type { JsonObject } from "../../../src/protocol/redfish/json.js";
import { basic, createTestRedfish, jsonOf, type TestRedfish } from "../../support/testRedfish.js";

const system = "/redfish/v1/Systems/1";

interface Polled {
  readonly redfish: TestRedfish;
  readonly machine: RemoteMachine;
  readonly operations: string[];
  /** Asks as clients poll. */
  readonly poll: (headers?: Readonly<Record<string, string>>) => Promise<CompleteResponse>;
  readonly push: (snapshot: Parameters<TestRedfish["bmc"]["observe"]>[0]) => void;
  readonly behindOurBack: { override: BootOverride | undefined };
}

/** A System whose machine is at the other end of a link. */
function createPolled(): Polled {
  const operations: string[] = [];
  const behindOurBack: Polled["behindOurBack"] = { override: undefined };
  const machine = createRemoteMachine((operation: MachineOperation): Promise<MachineOperationResult> => {
    operations.push(operation.name);
    if (operation.name === "setBootOverride") {
      behindOurBack.override = operation.override ?? undefined;
    }
    return Promise.resolve({ ok: true, value: behindOurBack.override });
  });
  const redfish = createTestRedfish({ machine }, { machine });
  const push: Polled["push"] = (snapshot) => {
    machine.receive({ fresh: true, snapshot });
    redfish.bmc.observe(snapshot);
  };
  push(known);
  const poll: Polled["poll"] = async (headers) =>
    redfish.service.handle({
      ...{ method: "GET", path: system, query: "", remote: "192.0.2.9" },
      headers: { ...basic(), ...headers },
    });
  return { redfish, machine, operations, poll, push, behindOurBack };
}

const known = { powerState: "poweredOff", changeVersion: "1", name: "vm1", firmware: "efi" } as const;

test("the answer is the same one until something changes, and asks the machine but once", async () => {
  const { poll, operations } = createPolled();
  const first = await poll();
  assert.equal(first.status, 200);
  assert.equal(await poll(), first);
  assert.equal(await poll(), first);
  assert.deepEqual(operations, ["readBootOverride"]);
  assert.equal(
    first.headers["Content-Length"],
    String(Buffer.byteLength(typeof first.body === "string" ? first.body : "")),
  );
});

test("a kept answer is still only for who may read it, takes JSON and does not have it yet", async () => {
  const { poll, redfish } = createPolled();
  const { headers } = await poll();
  assert.equal((await poll({ authorization: "" })).status, 401);
  assert.equal((await poll({ ...basic("admin", "wrong") })).status, 401);
  assert.equal((await poll({ accept: "text/html" })).status, 406);
  const unchanged = await poll({ "if-none-match": String(headers["ETag"]) });
  assert.deepEqual([unchanged.status, unchanged.body, unchanged.headers["ETag"]], [304, undefined, headers["ETag"]]);
  const selected = await redfish.get(`${system}?$select=PowerState`);
  assert.deepEqual([selected["PowerState"], selected["Name"]], ["Off", undefined]);
});

const changes: readonly (readonly [string, (polled: Polled) => unknown, (body: JsonObject) => unknown, unknown])[] = [
  ["the power state", ({ push }) => push({ ...known, powerState: "poweredOn" }), ({ PowerState }) => PowerState, "On"],
  ["the VM's name", ({ push }) => push({ ...known, name: "vm2" }), ({ Name }) => Name, "vm2"],
  [
    "the boot device, set over Redfish",
    ({ redfish }) => redfish.send("PATCH", system, { Boot: { BootSourceOverrideTarget: "Pxe" } }),
    ({ Boot }) => (Boot as JsonObject)["BootSourceOverrideTarget"],
    "Pxe",
  ],
  [
    "the boot device, set in vCenter",
    ({ push, behindOurBack }) => {
      behindOurBack.override = { device: "cdrom", persistent: true };
      push({ ...known, changeVersion: "2" });
    },
    ({ Boot }) => (Boot as JsonObject)["BootSourceOverrideTarget"],
    "Cd",
  ],
  [
    "the asset tag, set over IPMI",
    ({ redfish }) => redfish.bmc.asset.setTag(Buffer.from("rack 7")),
    ({ AssetTag }) => AssetTag,
    "rack 7",
  ],
  [
    "the restore policy",
    ({ redfish }) => redfish.bmc.chassis.setRestorePolicy(2),
    ({ PowerRestorePolicy }) => PowerRestorePolicy,
    "AlwaysOn",
  ],
  [
    "the cycle interval",
    ({ redfish }) => redfish.bmc.chassis.setCycleInterval(9),
    ({ PowerCycleDelaySeconds }) => PowerCycleDelaySeconds,
    9,
  ],
  [
    "the identify light",
    ({ redfish }) => redfish.bmc.chassis.identify(15_000),
    ({ LocationIndicatorActive }) => LocationIndicatorActive,
    true,
  ],
];

for (const [title, change, read, value] of changes) {
  test(`${title} shows in the next answer, under another ETag`, async () => {
    const polled = createPolled();
    const before = await polled.poll();
    assert.notDeepEqual(read(jsonOf(before)), value);
    await change(polled);
    const after = await polled.poll();
    assert.deepEqual(read(jsonOf(after)), value);
    assert.notEqual(after.headers["ETag"], before.headers["ETag"]);
    assert.equal(await polled.poll(), after);
  });
}

test("an identify light that goes out by itself shows too", async () => {
  const { redfish, poll } = createPolled();
  redfish.bmc.chassis.identify(15_000);
  assert.equal(jsonOf(await poll())["LocationIndicatorActive"], true);
  redfish.pass(15_000);
  assert.equal(jsonOf(await poll())["LocationIndicatorActive"], false);
});

test("no answer is kept while the power state is stale", async () => {
  const { machine, poll, operations } = createPolled();
  await poll();
  machine.receive({ fresh: false, kind: "unavailable", reason: "no vCenter" });
  await poll();
  await poll();
  assert.equal(operations.filter((name) => name === "readSnapshot").length, 2);
});

test("who is asked for the boot device each time, since the server does not number its changes, is asked each time", async () => {
  const { push, poll, behindOurBack } = createPolled();
  push({ powerState: "poweredOff" });
  await poll();
  behindOurBack.override = { device: "pxe", persistent: false };
  assert.equal((jsonOf(await poll())["Boot"] as JsonObject)["BootSourceOverrideTarget"], "Pxe");
});
