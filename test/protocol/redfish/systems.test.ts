/** Power and boot device: truthful, idempotent, and the same as over IPMI. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { MachineError } from "../../../src/model/machine/errors.js";
import { type JsonObject, textOf } from "../../../src/protocol/redfish/json.js";
import { openConsole } from "../../support/administrator.js";
import { createTestRedfish, messageNames, type Reply, type TestRedfish } from "../../support/testRedfish.js";

const system = "/redfish/v1/Systems/1";

function reset(redfish: TestRedfish, type: string, headers?: Record<string, string>): Promise<Reply> {
  return redfish.send("POST", `${system}/Actions/ComputerSystem.Reset`, { ResetType: type }, headers);
}

/** A machine that is known to be on or off. */
function createKnown(state: "poweredOn" | "poweredOff" | "suspended"): TestRedfish {
  const redfish = createTestRedfish();
  redfish.machine.state = state;
  redfish.push();
  return redfish;
}

const resets = [
  ["On", "poweredOff", "on"],
  ["ForceOn", "poweredOff", "on"],
  ["ForceOff", "poweredOn", "off"],
  ["GracefulShutdown", "poweredOn", "softShutdown"],
  ["GracefulRestart", "poweredOn", "softReset"],
  ["ForceRestart", "poweredOn", "reset"],
  ["PowerCycle", "poweredOn", "cycle"],
  ["PushPowerButton", "poweredOff", "on"],
  ["PushPowerButton", "poweredOn", "softShutdown"],
  ["PushPowerButton", "suspended", "on"],
  ["Nmi", "poweredOn", "diagnosticInterrupt"],
  // There already is success.
  ["On", "poweredOn", "on"],
  ["ForceOff", "poweredOff", "off"],
] as const;

for (const [type, state, operation] of resets) {
  test(`${type} of a machine that is ${state} asks it for ${operation}, and is answered with 204`, async () => {
    const redfish = createKnown(state);
    const { status } = await reset(redfish, type);
    assert.equal(status, 204);
    assert.deepEqual(redfish.machine.operations, [operation]);
  });
}

for (const type of ["ForceRestart", "PowerCycle", "GracefulRestart"]) {
  test(`${type} of a machine that is off is 409 and names the type that starts it, and vSphere is not asked`, async () => {
    const redfish = createTestRedfish();
    const reply = await reset(redfish, type);
    assert.deepEqual([reply.status, messageNames(reply)], [409, ["ResourceInUse"]]);
    assert.match(JSON.stringify(reply.body), new RegExp(`the VM is off: ${type} needs one that is on, On starts it`));
    assert.deepEqual(redfish.machine.operations, []);
  });
}

test("every reset type that is offered is one that is done", async () => {
  const { get } = createKnown("poweredOff");
  const { Actions } = await get(system);
  const action = (Actions as Record<string, JsonObject>)["#ComputerSystem.Reset"];
  const offered = action?.["ResetType@Redfish.AllowableValues"];
  assert.deepEqual(offered, [...new Set(resets.map(([type]) => type))]);
  const info = await get(textOf(action?.["@Redfish.ActionInfo"]));
  assert.deepEqual(info["Parameters"], [
    { Name: "ResetType", Required: true, DataType: "String", AllowableValues: offered },
  ]);
});

test("power is On or Off only: a suspended machine is off", async () => {
  for (const [state, power] of [
    ["poweredOn", "On"],
    ["poweredOff", "Off"],
    ["suspended", "Off"],
  ] as const) {
    assert.equal((await createKnown(state).get(system))["PowerState"], power);
  }
});

const failures = [
  ["busy", 503, "ServiceTemporarilyUnavailable"],
  ["unavailable", 503, "ServiceTemporarilyUnavailable"],
  ["unsupported", 400, "GeneralError"],
  ["invalidState", 409, "ResourceInUse"],
  ["notFound", 503, "ServiceTemporarilyUnavailable"],
  ["denied", 400, "GeneralError"],
  ["timedOut", 500, "OperationTimeout"],
] as const;

for (const [kind, status, name] of failures) {
  test(`a machine that is ${kind} is ${status} ${name}, in the machine's own words`, async () => {
    const redfish = createKnown("poweredOn");
    redfish.machine.failure = new MachineError(kind, "VMware Tools do not run: start them");
    const reply = await reset(redfish, "GracefulShutdown");
    const { error } = reply.body as { error: { message: string } };
    assert.deepEqual([reply.status, messageNames(reply)], [status, [name]]);
    assert.equal(error.message, "VMware Tools do not run: start them");
    assert.equal(reply.headers["Retry-After"] !== undefined, status === 503);
    assert.equal((await redfish.send("GET", system)).status, status, "a guess at the power state is never told");
  });
}

test("who switched the machine is in the SEL, and the restart cause is a command", async () => {
  const redfish = createKnown("poweredOff");
  await reset(redfish, "On");
  const entries = (await redfish.get(`${system}/LogServices/SEL/Entries`))["Members"] as { Message: string }[];
  assert.match(entries.at(-1)?.Message ?? "", /powered on by user 2, whose address ends in 9$/);
  assert.equal((await redfish.get(system))["LastResetCause"], "ManagementCommand");
});

test("what takes longer than clients wait is 202 with a task, whose monitor gives the action's result, again and again", async () => {
  const redfish = createKnown("poweredOff");
  let open = (): void => undefined;
  redfish.machine.gate = new Promise((resolve) => (open = resolve));
  const answered = reset(redfish, "On");
  await new Promise(setImmediate);
  redfish.pass(2_500);
  const { status, headers, body } = await answered;
  assert.equal(status, 202);
  assert.equal(body["TaskState"], "Running");
  const monitor = headers["Location"] ?? "";
  assert.equal((await redfish.send("GET", monitor)).status, 202);
  open();
  await new Promise(setImmediate);
  for (const expected of [204, 204]) {
    assert.equal((await redfish.send("GET", monitor)).status, expected);
  }
  assert.equal((await redfish.get(textOf(body["@odata.id"])))["TaskState"], "Completed");
  assert.equal(redfish.machine.state, "poweredOn");
});

test("a task that fails has its error in the monitor and in its messages", async () => {
  const redfish = createKnown("poweredOff");
  redfish.machine.failure = new MachineError("invalidState", "the datastore is full: make room");
  const { status, headers, body } = await reset(redfish, "On", { prefer: "respond-async" });
  assert.equal(status, 202);
  await new Promise(setImmediate);
  const result = await redfish.send("GET", headers["Location"] ?? "");
  assert.deepEqual([result.status, messageNames(result)], [409, ["ResourceInUse"]]);
  const task = await redfish.get(textOf(body["@odata.id"]));
  assert.deepEqual([task["TaskState"], task["TaskStatus"]], ["Exception", "Critical"]);
  assert.equal((task["Messages"] as JsonObject[])[0]?.["Message"], "the datastore is full: make room");
});

async function boot(redfish: TestRedfish): Promise<unknown[]> {
  const { Boot } = await redfish.get(system);
  const { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled } = Boot as JsonObject;
  return [target, enabled];
}

function setBoot(redfish: TestRedfish, change: Record<string, string>): Promise<Reply> {
  const named = Object.entries(change).map(([name, value]) => [`BootSourceOverride${name}`, value]);
  return redfish.send("PATCH", system, { Boot: Object.fromEntries(named) as JsonObject });
}

const overrides = [
  ["Pxe", { device: "pxe", persistent: false }],
  ["Hdd", { device: "disk", persistent: false }],
  ["Cd", { device: "cdrom", persistent: false }],
  ["Floppy", { device: "floppy", persistent: false }],
  ["BiosSetup", { device: "bios", persistent: false }],
] as const;

for (const [target, override] of overrides) {
  test(`${target} Once is ${override.device} for the next start`, async () => {
    const redfish = createKnown("poweredOff");
    assert.equal((await setBoot(redfish, { Target: target, Enabled: "Once" })).status, 200);
    assert.deepEqual(redfish.machine.override, override);
    assert.deepEqual(await boot(redfish), [target, "Once"]);
  });
}

test("a target alone keeps what is enabled, Enabled alone keeps the target, None and Disabled take it back", async () => {
  const redfish = createKnown("poweredOff");
  await setBoot(redfish, { Target: "Hdd", Enabled: "Continuous" });
  await setBoot(redfish, { Target: "Pxe" });
  assert.deepEqual(await boot(redfish), ["Pxe", "Continuous"]);
  await setBoot(redfish, { Enabled: "Once" });
  assert.deepEqual(await boot(redfish), ["Pxe", "Once"]);
  await setBoot(redfish, { Enabled: "Disabled" });
  assert.deepEqual(await boot(redfish), ["None", "Disabled"]);
  await setBoot(redfish, { Target: "Cd" });
  assert.deepEqual(await boot(redfish), ["Cd", "Once"]);
  await setBoot(redfish, { Target: "None", Enabled: "Once" });
  assert.deepEqual(await boot(redfish), ["None", "Disabled"]);
  assert.equal(redfish.machine.override, undefined);
});

test("Once has no expiry: it waits for the start that uses it; IPMI's still expires after 60 s", async () => {
  const redfish = createKnown("poweredOff");
  await setBoot(redfish, { Target: "Pxe", Enabled: "Once" });
  redfish.pass(86_400_000);
  await new Promise(setImmediate);
  assert.deepEqual(await boot(redfish), ["Pxe", "Once"]);
  const { session } = await openConsole(redfish);
  await session.request(0x00, 0x08, [0x05, 0x80, 0x14, 0x00, 0x00, 0x00]);
  assert.deepEqual(await boot(redfish), ["Cd", "Once"]);
  redfish.pass(60_000);
  await new Promise(setImmediate);
  assert.deepEqual(await boot(redfish), ["None", "Disabled"]);
});

test("Once replaces a Continuous of ours, which does not come back, but leaves an order that was chosen in vSphere", async () => {
  const redfish = createTestRedfish();
  const orders: unknown[] = [];
  redfish.machine.setBootOverride = (override) => {
    orders.push(override?.device);
    redfish.machine.override = override;
    return Promise.resolve();
  };
  const set = (target: string, enabled: string): Promise<Reply> =>
    redfish.send("PATCH", system, {
      Boot: { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled },
    });
  await set("Pxe", "Continuous");
  await set("Cd", "Once");
  assert.deepEqual(orders, ["pxe", undefined, "cdrom"]);
  orders.length = 0;
  redfish.machine.override = { device: "disk", persistent: true };
  await set("Pxe", "Once");
  assert.deepEqual(orders, ["pxe"]);
});

test("a boot device that is set over one protocol is seen over the other at once", async () => {
  const redfish = createKnown("poweredOff");
  const { session } = await openConsole(redfish);
  const flags = async (): Promise<string> =>
    (await session.request(0x00, 0x09, [0x05, 0, 0])).data.toString("hex", 2, 4);
  await setBoot(redfish, { Target: "Pxe", Enabled: "Continuous" });
  assert.equal(await flags(), "c004");
  await session.request(0x00, 0x08, [0x05, 0x80, 0x14, 0x00, 0x00, 0x00]);
  assert.deepEqual(await boot(redfish), ["Cd", "Once"]);
});

test("the mode is the VM's firmware: another one is 409 while it is on and leaves the target, and is made while it is off", async () => {
  const redfish = createKnown("poweredOn");
  redfish.machine.known = { firmware: "efi" };
  const mode = async (): Promise<unknown> =>
    ((await redfish.get(system))["Boot"] as JsonObject)["BootSourceOverrideMode"];
  assert.equal((await setBoot(redfish, { Target: "Cd", Enabled: "Once", Mode: "UEFI" })).status, 200);
  const reply = await setBoot(redfish, { Target: "Pxe", Enabled: "Once", Mode: "Legacy" });
  assert.deepEqual([reply.status, messageNames(reply)], [409, ["ResourceInUse"]]);
  assert.deepEqual([await boot(redfish), await mode()], [["Cd", "Once"], "UEFI"]);
  redfish.machine.state = "poweredOff";
  assert.equal((await setBoot(redfish, { Mode: "Legacy" })).status, 200);
  assert.deepEqual(redfish.machine.changes, [{ firmware: "bios" }]);
  assert.deepEqual([await boot(redfish), await mode()], [["Cd", "Once"], "Legacy"]);
});

test("the asset tag is the one of IPMI's FRU inventory, whatever letters it has, and null when there is none", async () => {
  const redfish = createKnown("poweredOff");
  assert.equal((await redfish.get(system))["AssetTag"], null);
  for (const tag of ["rack 7", "Gehäuse", "机架"]) {
    assert.equal((await redfish.send("PATCH", system, { AssetTag: tag })).body["AssetTag"], tag);
  }
  assert.equal(redfish.bmc.asset.tag().toString("hex"), "efbbbfe69cbae69eb6");
  assert.equal((await redfish.send("PATCH", system, { AssetTag: "机".repeat(21) })).status, 400);
  assert.equal((await redfish.send("PATCH", system, { AssetTag: null })).body["AssetTag"], null);
});

test("the identify light and the power restore policy are those of IPMI", async () => {
  const redfish = createKnown("poweredOff");
  const change = { LocationIndicatorActive: true, PowerRestorePolicy: "AlwaysOn" };
  const { body } = await redfish.send("PATCH", system, change);
  assert.deepEqual([body["LocationIndicatorActive"], body["PowerRestorePolicy"]], [true, "AlwaysOn"]);
  assert.equal(redfish.bmc.chassis.identifyState(), "indefinite");
  assert.equal(redfish.bmc.chassis.restorePolicy(), 2);
});

test("the serial number is that of the FRU inventory, also where the guest reads its UUID in another order", async () => {
  const redfish = createTestRedfish();
  redfish.machine.biosUuid = "19623292-97bc-441f-a9d0-ebc36b759287";
  redfish.machine.known = { smbiosUuid: "92326219-bc97-1f44-a9d0-ebc36b759287" };
  redfish.push();
  const { SerialNumber, UUID } = await redfish.get("/redfish/v1/Systems/1");
  assert.equal(UUID, "92326219-bc97-1f44-a9d0-ebc36b759287");
  assert.equal(SerialNumber, "VMware-19 62 32 92 97 bc 44 1f-a9 d0 eb c3 6b 75 92 87");
});
